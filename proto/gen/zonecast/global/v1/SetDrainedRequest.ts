// Original file: proto/global.proto


export interface SetDrainedRequest {
  'zone'?: (string);
  'drained'?: (boolean);
}

export interface SetDrainedRequest__Output {
  'zone': (string);
  'drained': (boolean);
}
