// Original file: proto/admin.proto


export interface ListTunnelsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
  'tunnel'?: (string);
}

export interface ListTunnelsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
  'tunnel': (string);
}
