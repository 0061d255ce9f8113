// Original file: proto/admin.proto


export interface DrainTunnelRequest {
  'tunnel'?: (string);
}

export interface DrainTunnelRequest__Output {
  'tunnel': (string);
}
