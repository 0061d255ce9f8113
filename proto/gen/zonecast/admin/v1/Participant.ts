// Original file: proto/admin.proto


export interface Participant {
  'participant'?: (string);
  'name'?: (string);
  'router'?: (string);
  'worker'?: (number);
  'sources'?: (string)[];
  'connected'?: (boolean);
  'uplink'?: (number);
  'downlink'?: (number);
  '_worker'?: "worker";
  '_uplink'?: "uplink";
  '_downlink'?: "downlink";
}

export interface Participant__Output {
  'participant': (string);
  'name': (string);
  'router': (string);
  'worker'?: (number);
  'sources': (string)[];
  'connected': (boolean);
  'uplink'?: (number);
  'downlink'?: (number);
  '_worker'?: "worker";
  '_uplink'?: "uplink";
  '_downlink'?: "downlink";
}
