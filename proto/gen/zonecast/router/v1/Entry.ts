// Original file: proto/router.proto


export interface Entry {
  'role'?: (string);
  'returning'?: (boolean);
  'start'?: (string);
}

export interface Entry__Output {
  'role': (string);
  'returning': (boolean);
  'start': (string);
}
