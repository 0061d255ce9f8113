// Original file: proto/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface DrainRequest {
  'router'?: (string);
  'deadlineMs'?: (number | string | Long);
  'watch'?: (boolean);
}

export interface DrainRequest__Output {
  'router': (string);
  'deadlineMs': (number);
  'watch': (boolean);
}
