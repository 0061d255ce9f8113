// Original file: proto/meetings.proto


export interface GetRequest {
  'meeting'?: (string);
}

export interface GetRequest__Output {
  'meeting': (string);
}
