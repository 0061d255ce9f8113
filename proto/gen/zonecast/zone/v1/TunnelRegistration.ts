// Original file: proto/zone.proto


export interface TunnelRegistration {
  'tunnel'?: (string);
  'urls'?: (string)[];
  'turnUrls'?: (string)[];
  'load'?: (number | string);
  'draining'?: (boolean);
  'version'?: (string);
  'left'?: (number);
  '_left'?: "left";
}

export interface TunnelRegistration__Output {
  'tunnel': (string);
  'urls': (string)[];
  'turnUrls': (string)[];
  'load': (number);
  'draining': (boolean);
  'version': (string);
  'left'?: (number);
  '_left'?: "left";
}
