// Original file: proto/meetings.proto


export interface Occurrence {
  'start'?: (string);
  'end'?: (string);
}

export interface Occurrence__Output {
  'start': (string);
  'end': (string);
}
