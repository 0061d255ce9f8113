// Original file: proto/meetings.proto


export interface Limits {
  'participants'?: (number);
  'minutes'?: (number);
  '_participants'?: "participants";
  '_minutes'?: "minutes";
}

export interface Limits__Output {
  'participants'?: (number);
  'minutes'?: (number);
  '_participants'?: "participants";
  '_minutes'?: "minutes";
}
