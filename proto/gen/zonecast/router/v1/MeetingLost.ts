// Original file: proto/router.proto


export interface MeetingLost {
  'meeting'?: (string);
  'reason'?: (string);
}

export interface MeetingLost__Output {
  'meeting': (string);
  'reason': (string);
}
