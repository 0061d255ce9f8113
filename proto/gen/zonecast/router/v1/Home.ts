// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface Home {
  'instance'?: (string);
  'attachment'?: (number | string | Long);
}

export interface Home__Output {
  'instance': (string);
  'attachment': (number);
}
