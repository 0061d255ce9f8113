// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface JoinRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'offer'?: (string);
  'sources'?: ({[key: string]: string});
  'muted'?: (string)[];
}

export interface JoinRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'offer': (string);
  'sources': ({[key: string]: string});
  'muted': (string)[];
}
