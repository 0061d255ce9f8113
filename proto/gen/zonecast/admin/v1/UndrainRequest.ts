// Original file: proto/admin.proto


export interface UndrainRequest {
  'router'?: (string);
}

export interface UndrainRequest__Output {
  'router': (string);
}
