// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface EmptyMeeting {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'emptyMs'?: (number);
}

export interface EmptyMeeting__Output {
  'meeting': (string);
  'epoch': (number);
  'emptyMs': (number);
}
