// Original file: proto/cascade.proto


export interface Hello {
  'router'?: (string);
  'instance'?: (string);
}

export interface Hello__Output {
  'router': (string);
  'instance': (string);
}
