// Original file: proto/meetings.proto


export interface ListRequest {
  'owner'?: (string);
  'from'?: (string);
  'to'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListRequest__Output {
  'owner': (string);
  'from': (string);
  'to': (string);
  'pageSize': (number);
  'pageToken': (string);
}
