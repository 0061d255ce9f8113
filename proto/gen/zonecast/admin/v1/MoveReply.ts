// Original file: proto/admin.proto


export interface MoveReply {
  'from'?: (string);
  'expiresMs'?: (number | string);
}

export interface MoveReply__Output {
  'from': (string);
  'expiresMs': (number);
}
