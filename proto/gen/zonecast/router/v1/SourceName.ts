// Original file: proto/router.proto


export interface SourceName {
  'participant'?: (string);
  'kind'?: (string);
}

export interface SourceName__Output {
  'participant': (string);
  'kind': (string);
}
