// Original file: proto/admin.proto


export interface UndrainReply {
  'wasDraining'?: (boolean);
}

export interface UndrainReply__Output {
  'wasDraining': (boolean);
}
