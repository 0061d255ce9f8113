// Original file: proto/admin.proto


export interface StuckMeeting {
  'meeting'?: (string);
  'participants'?: (number);
  'why'?: (string);
}

export interface StuckMeeting__Output {
  'meeting': (string);
  'participants': (number);
  'why': (string);
}
