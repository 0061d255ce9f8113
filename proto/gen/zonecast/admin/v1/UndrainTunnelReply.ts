// Original file: proto/admin.proto


export interface UndrainTunnelReply {
  'wasDraining'?: (boolean);
}

export interface UndrainTunnelReply__Output {
  'wasDraining': (boolean);
}
