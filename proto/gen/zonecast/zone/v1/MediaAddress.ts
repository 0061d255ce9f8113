// Original file: proto/zone.proto


export interface MediaAddress {
  'address'?: (string);
  'port'?: (number);
}

export interface MediaAddress__Output {
  'address': (string);
  'port': (number);
}
