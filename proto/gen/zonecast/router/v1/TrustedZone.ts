// Original file: proto/router.proto


export interface TrustedZone {
  'zone'?: (string);
  'caPem'?: (string);
}

export interface TrustedZone__Output {
  'zone': (string);
  'caPem': (string);
}
