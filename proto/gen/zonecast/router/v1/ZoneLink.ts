// Original file: proto/router.proto


export interface ZoneLink {
  'zone'?: (string);
  'router'?: (string);
  'address'?: (string);
  'worker'?: (number);
  'isParent'?: (boolean);
  'calls'?: (boolean);
}

export interface ZoneLink__Output {
  'zone': (string);
  'router': (string);
  'address': (string);
  'worker': (number);
  'isParent': (boolean);
  'calls': (boolean);
}
