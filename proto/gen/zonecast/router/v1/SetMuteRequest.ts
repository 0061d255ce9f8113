// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface SetMuteRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'source'?: (string);
  'muted'?: (boolean);
}

export interface SetMuteRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'source': (string);
  'muted': (boolean);
}
