// Original file: proto/router.proto


export interface DescribeRequest {
  'meetings'?: (string)[];
  'people'?: (boolean);
}

export interface DescribeRequest__Output {
  'meetings': (string)[];
  'people': (boolean);
}
