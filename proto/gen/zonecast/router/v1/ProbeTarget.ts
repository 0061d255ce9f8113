// Original file: proto/router.proto


export interface ProbeTarget {
  'address'?: (string);
  'port'?: (number);
}

export interface ProbeTarget__Output {
  'address': (string);
  'port': (number);
}
