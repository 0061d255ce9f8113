// Original file: proto/router.proto


export interface Subscribed {
  'instance'?: (string);
}

export interface Subscribed__Output {
  'instance': (string);
}
