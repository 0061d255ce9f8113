// Original file: proto/router.proto


export interface ParticipantConnected {
  'meeting'?: (string);
  'participant'?: (string);
}

export interface ParticipantConnected__Output {
  'meeting': (string);
  'participant': (string);
}
