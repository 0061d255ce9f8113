// Original file: proto/admin.proto


export interface TunnelDrain {
  'startedMs'?: (number | string);
  'by'?: (string);
}

export interface TunnelDrain__Output {
  'startedMs': (number);
  'by': (string);
}
