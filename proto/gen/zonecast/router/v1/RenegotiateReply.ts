// Original file: proto/router.proto


export interface RenegotiateReply {
  'answer'?: (string);
}

export interface RenegotiateReply__Output {
  'answer': (string);
}
