// Original file: proto/router.proto


export interface WaitingEnded {
  'meeting'?: (string);
  'participant'?: (string);
  'admitted'?: (boolean);
}

export interface WaitingEnded__Output {
  'meeting': (string);
  'participant': (string);
  'admitted': (boolean);
}
