// Original file: proto/meetings.proto


export interface OccurrencesRequest {
  'meeting'?: (string);
  'from'?: (string);
  'to'?: (string);
  'limit'?: (number);
}

export interface OccurrencesRequest__Output {
  'meeting': (string);
  'from': (string);
  'to': (string);
  'limit': (number);
}
