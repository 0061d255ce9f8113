// Original file: proto/router.proto


export interface EncodingDemand {
  'rid'?: (string);
  'active'?: (boolean);
  'maxHeight'?: (number);
}

export interface EncodingDemand__Output {
  'rid': (string);
  'active': (boolean);
  'maxHeight': (number);
}
