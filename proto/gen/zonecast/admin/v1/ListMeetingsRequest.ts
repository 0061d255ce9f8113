// Original file: proto/admin.proto


export interface ListMeetingsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
  'router'?: (string);
}

export interface ListMeetingsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
  'router': (string);
}
