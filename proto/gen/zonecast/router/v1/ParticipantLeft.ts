// Original file: proto/router.proto


export interface ParticipantLeft {
  'meeting'?: (string);
  'participant'?: (string);
  'reason'?: (string);
}

export interface ParticipantLeft__Output {
  'meeting': (string);
  'participant': (string);
  'reason': (string);
}
