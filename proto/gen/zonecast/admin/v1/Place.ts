// Original file: proto/admin.proto


export interface Place {
  'router'?: (string);
  'worker'?: (number);
  'participants'?: (number);
  '_worker'?: "worker";
  '_participants'?: "participants";
}

export interface Place__Output {
  'router': (string);
  'worker'?: (number);
  'participants'?: (number);
  '_worker'?: "worker";
  '_participants'?: "participants";
}
