// Original file: proto/admin.proto


export interface NewMeeting {
  'people'?: (number);
  'tolerate'?: (string);
  'near'?: ({[key: string]: string});
}

export interface NewMeeting__Output {
  'people': (number);
  'tolerate': (string);
  'near': ({[key: string]: string});
}
