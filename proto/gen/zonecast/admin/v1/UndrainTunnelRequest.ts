// Original file: proto/admin.proto


export interface UndrainTunnelRequest {
  'tunnel'?: (string);
}

export interface UndrainTunnelRequest__Output {
  'tunnel': (string);
}
