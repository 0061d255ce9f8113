// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface ActRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'act'?: (string);
}

export interface ActRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'act': (string);
}
