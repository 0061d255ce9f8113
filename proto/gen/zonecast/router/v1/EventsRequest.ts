// Original file: proto/router.proto


export interface EventsRequest {
  'controller'?: (string);
}

export interface EventsRequest__Output {
  'controller': (string);
}
