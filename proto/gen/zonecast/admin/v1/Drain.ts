// Original file: proto/admin.proto


export interface Drain {
  'startedMs'?: (number | string);
  'deadlineMs'?: (number | string);
  'by'?: (string);
}

export interface Drain__Output {
  'startedMs': (number);
  'deadlineMs': (number);
  'by': (string);
}
