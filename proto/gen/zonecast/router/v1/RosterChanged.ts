// Original file: proto/router.proto

import type { RosterEntry as _zonecast_router_v1_RosterEntry, RosterEntry__Output as _zonecast_router_v1_RosterEntry__Output } from '../../../zonecast/router/v1/RosterEntry.ts';
import type { Long } from '@grpc/proto-loader';

export interface RosterChanged {
  'meeting'?: (string);
  'version'?: (number | string | Long);
  'changed'?: (_zonecast_router_v1_RosterEntry)[];
  'left'?: (string)[];
}

export interface RosterChanged__Output {
  'meeting': (string);
  'version': (number);
  'changed': (_zonecast_router_v1_RosterEntry__Output)[];
  'left': (string)[];
}
