// Original file: proto/router.proto


export interface SlotAssignment {
  'mid'?: (string);
  'participant'?: (string);
  'kind'?: (string);
}

export interface SlotAssignment__Output {
  'mid': (string);
  'participant': (string);
  'kind': (string);
}
