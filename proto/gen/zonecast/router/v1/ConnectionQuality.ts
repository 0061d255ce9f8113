// Original file: proto/router.proto


export interface ConnectionQuality {
  'participant'?: (string);
  'uplink'?: (number);
  'downlink'?: (number);
  '_uplink'?: "uplink";
  '_downlink'?: "downlink";
}

export interface ConnectionQuality__Output {
  'participant': (string);
  'uplink'?: (number);
  'downlink'?: (number);
  '_uplink'?: "uplink";
  '_downlink'?: "downlink";
}
