// Original file: proto/router.proto


export interface StateChanged {
  'meeting'?: (string);
  'whole'?: (string);
  'changed'?: (string);
  'state'?: "whole"|"changed";
}

export interface StateChanged__Output {
  'meeting': (string);
  'whole'?: (string);
  'changed'?: (string);
  'state'?: "whole"|"changed";
}
