// Original file: proto/router.proto


export interface OpenConnectionReply {
  'answer'?: (string);
}

export interface OpenConnectionReply__Output {
  'answer': (string);
}
