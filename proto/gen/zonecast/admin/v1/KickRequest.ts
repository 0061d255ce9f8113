// Original file: proto/admin.proto


export interface KickRequest {
  'meeting'?: (string);
  'participant'?: (string);
  'reason'?: (string);
}

export interface KickRequest__Output {
  'meeting': (string);
  'participant': (string);
  'reason': (string);
}
