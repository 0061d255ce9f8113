// Original file: proto/meetings.proto


export interface EndRequest {
  'meeting'?: (string);
}

export interface EndRequest__Output {
  'meeting': (string);
}
