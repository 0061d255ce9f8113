// Original file: proto/router.proto


export interface ZoneTrunk {
  'zone'?: (string);
  'rttMs'?: (number | string);
  'loss'?: (number | string);
  'up'?: (boolean);
}

export interface ZoneTrunk__Output {
  'zone': (string);
  'rttMs': (number);
  'loss': (number);
  'up': (boolean);
}
