// Original file: proto/meetings.proto


export interface Schedule {
  'start'?: (string);
  'durationMinutes'?: (number);
  'timeZone'?: (string);
  'recurrence'?: (string);
  'exclude'?: (string)[];
  'include'?: (string)[];
  '_recurrence'?: "recurrence";
}

export interface Schedule__Output {
  'start': (string);
  'durationMinutes': (number);
  'timeZone': (string);
  'recurrence'?: (string);
  'exclude': (string)[];
  'include': (string)[];
  '_recurrence'?: "recurrence";
}
