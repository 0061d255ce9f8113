// Original file: proto/router.proto


export interface EventsRequest {
  'instance'?: (string);
}

export interface EventsRequest__Output {
  'instance': (string);
}
