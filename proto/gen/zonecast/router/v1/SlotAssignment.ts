// Original file: proto/router.proto


export interface SlotAssignment {
  'mid'?: (string);
  'participant'?: (string);
  'kind'?: (string);
  'suspended'?: (boolean);
}

export interface SlotAssignment__Output {
  'mid': (string);
  'participant': (string);
  'kind': (string);
  'suspended': (boolean);
}
