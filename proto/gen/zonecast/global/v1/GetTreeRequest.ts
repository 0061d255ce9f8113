// Original file: proto/global.proto


export interface GetTreeRequest {
  'meeting'?: (string);
}

export interface GetTreeRequest__Output {
  'meeting': (string);
}
