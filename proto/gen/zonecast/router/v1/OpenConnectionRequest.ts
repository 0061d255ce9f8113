// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface OpenConnectionRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'offer'?: (string);
  'sources'?: ({[key: string]: string});
  'muted'?: (string)[];
  'connection'?: (number);
}

export interface OpenConnectionRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'offer': (string);
  'sources': ({[key: string]: string});
  'muted': (string)[];
  'connection': (number);
}
