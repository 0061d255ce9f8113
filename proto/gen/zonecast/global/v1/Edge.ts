// Original file: proto/global.proto


export interface Edge {
  'zone'?: (string);
  'parent'?: (string);
}

export interface Edge__Output {
  'zone': (string);
  'parent': (string);
}
