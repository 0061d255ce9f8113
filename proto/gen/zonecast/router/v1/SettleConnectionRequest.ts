// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface SettleConnectionRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'givenUp'?: (boolean);
}

export interface SettleConnectionRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'givenUp': (boolean);
}
