// Original file: proto/global.proto


export interface Trunk {
  'zone'?: (string);
  'rttMs'?: (number | string);
  'loss'?: (number | string);
  'up'?: (boolean);
}

export interface Trunk__Output {
  'zone': (string);
  'rttMs': (number);
  'loss': (number);
  'up': (boolean);
}
