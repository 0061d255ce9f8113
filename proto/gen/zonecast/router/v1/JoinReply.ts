// Original file: proto/router.proto


export interface JoinReply {
  'answer'?: (string);
}

export interface JoinReply__Output {
  'answer': (string);
}
