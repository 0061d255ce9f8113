// Original file: proto/zone.proto


export interface RegisterReply {
  'zone'?: (string);
}

export interface RegisterReply__Output {
  'zone': (string);
}
