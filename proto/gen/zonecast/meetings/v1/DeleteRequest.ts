// Original file: proto/meetings.proto


export interface DeleteRequest {
  'meeting'?: (string);
}

export interface DeleteRequest__Output {
  'meeting': (string);
}
