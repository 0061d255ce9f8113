// Original file: proto/admin.proto


export interface Verdict {
  'router'?: (string);
  'worker'?: (number);
  'load'?: (number | string);
  'reason'?: (string);
  'words'?: (string);
  '_worker'?: "worker";
  '_load'?: "load";
}

export interface Verdict__Output {
  'router': (string);
  'worker'?: (number);
  'load'?: (number);
  'reason': (string);
  'words': (string);
  '_worker'?: "worker";
  '_load'?: "load";
}
