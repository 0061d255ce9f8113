// Original file: proto/zone.proto


export interface Registration {
  'router'?: (string);
  'address'?: (string);
  'workers'?: (number);
  'maxParticipants'?: (number);
  'version'?: (string);
}

export interface Registration__Output {
  'router': (string);
  'address': (string);
  'workers': (number);
  'maxParticipants': (number);
  'version': (string);
}
