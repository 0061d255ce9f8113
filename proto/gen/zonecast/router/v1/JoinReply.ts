// Original file: proto/router.proto


export interface JoinReply {
  'answer'?: (string);
  'waiting'?: (boolean);
}

export interface JoinReply__Output {
  'answer': (string);
  'waiting': (boolean);
}
