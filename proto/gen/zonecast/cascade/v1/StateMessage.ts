// Original file: proto/cascade.proto


export interface StateMessage {
  'meeting'?: (string);
  'json'?: (string);
}

export interface StateMessage__Output {
  'meeting': (string);
  'json': (string);
}
