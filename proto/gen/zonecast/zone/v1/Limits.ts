// Original file: proto/zone.proto


export interface Limits {
  'participants'?: (number);
  'packetsPerSecond'?: (number | string);
}

export interface Limits__Output {
  'participants': (number);
  'packetsPerSecond': (number);
}
