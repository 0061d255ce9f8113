// Original file: proto/router.proto


export interface PlacePeople {
  'meeting'?: (string);
  'worker'?: (number);
  'people'?: (number);
}

export interface PlacePeople__Output {
  'meeting': (string);
  'worker': (number);
  'people': (number);
}
