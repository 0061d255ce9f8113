// Original file: proto/admin.proto


export interface ListRoutersRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
  'router'?: (string);
}

export interface ListRoutersRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
  'router': (string);
}
