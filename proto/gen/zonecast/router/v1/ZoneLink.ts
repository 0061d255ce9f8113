// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface ZoneLink {
  'zone'?: (string);
  'router'?: (string);
  'address'?: (string);
  'worker'?: (number);
  'isParent'?: (boolean);
  'calls'?: (boolean);
  'version'?: (number | string | Long);
}

export interface ZoneLink__Output {
  'zone': (string);
  'router': (string);
  'address': (string);
  'worker': (number);
  'isParent': (boolean);
  'calls': (boolean);
  'version': (number);
}
