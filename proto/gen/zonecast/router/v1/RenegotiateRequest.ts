// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface RenegotiateRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'offer'?: (string);
  'sources'?: ({[key: string]: string});
}

export interface RenegotiateRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'offer': (string);
  'sources': ({[key: string]: string});
}
