// Original file: proto/admin.proto


export interface KickReply {
  'router'?: (string);
}

export interface KickReply__Output {
  'router': (string);
}
