// Original file: proto/global.proto


export interface Presence {
  'zone'?: (string);
  'people'?: (number);
}

export interface Presence__Output {
  'zone': (string);
  'people': (number);
}
