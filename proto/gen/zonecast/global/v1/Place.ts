// Original file: proto/global.proto


export interface Place {
  'latitude'?: (number | string);
  'longitude'?: (number | string);
}

export interface Place__Output {
  'latitude': (number);
  'longitude': (number);
}
