// Original file: proto/router.proto

import type { RosterEntry as _zonecast_router_v1_RosterEntry, RosterEntry__Output as _zonecast_router_v1_RosterEntry__Output } from '../../../zonecast/router/v1/RosterEntry.ts';
import type { ConnectionQuality as _zonecast_router_v1_ConnectionQuality, ConnectionQuality__Output as _zonecast_router_v1_ConnectionQuality__Output } from '../../../zonecast/router/v1/ConnectionQuality.ts';
import type { Homed as _zonecast_router_v1_Homed, Homed__Output as _zonecast_router_v1_Homed__Output } from '../../../zonecast/router/v1/Homed.ts';
import type { Long } from '@grpc/proto-loader';

export interface Snapshot {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'version'?: (number | string | Long);
  'roster'?: (_zonecast_router_v1_RosterEntry)[];
  'speakers'?: (string)[];
  'qualities'?: (_zonecast_router_v1_ConnectionQuality)[];
  'homed'?: (_zonecast_router_v1_Homed)[];
  'state'?: (string);
}

export interface Snapshot__Output {
  'meeting': (string);
  'epoch': (number);
  'version': (number);
  'roster': (_zonecast_router_v1_RosterEntry__Output)[];
  'speakers': (string)[];
  'qualities': (_zonecast_router_v1_ConnectionQuality__Output)[];
  'homed': (_zonecast_router_v1_Homed__Output)[];
  'state': (string);
}
