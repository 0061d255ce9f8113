// Original file: proto/global.proto


export interface Overflow {
  'rule'?: (string);
  'zone'?: (string);
  'to'?: "rule"|"zone";
}

export interface Overflow__Output {
  'rule'?: (string);
  'zone'?: (string);
  'to'?: "rule"|"zone";
}
