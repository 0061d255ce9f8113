// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface CloseMeetingRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'onlyIfEmpty'?: (boolean);
}

export interface CloseMeetingRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'onlyIfEmpty': (boolean);
}
