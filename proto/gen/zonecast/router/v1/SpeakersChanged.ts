// Original file: proto/router.proto


export interface SpeakersChanged {
  'meeting'?: (string);
  'participants'?: (string)[];
}

export interface SpeakersChanged__Output {
  'meeting': (string);
  'participants': (string)[];
}
