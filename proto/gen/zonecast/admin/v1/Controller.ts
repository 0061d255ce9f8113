// Original file: proto/admin.proto


export interface Controller {
  'name'?: (string);
  'address'?: (string);
  'release'?: (string);
  'startedMs'?: (number | string);
}

export interface Controller__Output {
  'name': (string);
  'address': (string);
  'release': (string);
  'startedMs': (number);
}
