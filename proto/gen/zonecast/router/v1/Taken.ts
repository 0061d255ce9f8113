// Original file: proto/router.proto


export interface Taken {
  'meeting'?: (string);
  'participant'?: (string);
}

export interface Taken__Output {
  'meeting': (string);
  'participant': (string);
}
