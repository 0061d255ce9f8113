// Original file: proto/router.proto


export interface TreePlace {
  'router'?: (string);
  'address'?: (string);
  'worker'?: (number);
  'parent'?: (number);
  '_parent'?: "parent";
}

export interface TreePlace__Output {
  'router': (string);
  'address': (string);
  'worker': (number);
  'parent'?: (number);
  '_parent'?: "parent";
}
