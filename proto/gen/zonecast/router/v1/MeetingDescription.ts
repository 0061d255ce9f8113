// Original file: proto/router.proto

import type { RosterEntry as _zonecast_router_v1_RosterEntry, RosterEntry__Output as _zonecast_router_v1_RosterEntry__Output } from '../../../zonecast/router/v1/RosterEntry.ts';
import type { ConnectionQuality as _zonecast_router_v1_ConnectionQuality, ConnectionQuality__Output as _zonecast_router_v1_ConnectionQuality__Output } from '../../../zonecast/router/v1/ConnectionQuality.ts';
import type { Long } from '@grpc/proto-loader';

export interface MeetingDescription {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participants'?: (number);
  'roster'?: (_zonecast_router_v1_RosterEntry)[];
  'qualities'?: (_zonecast_router_v1_ConnectionQuality)[];
  'left'?: (string)[];
}

export interface MeetingDescription__Output {
  'meeting': (string);
  'epoch': (number);
  'participants': (number);
  'roster': (_zonecast_router_v1_RosterEntry__Output)[];
  'qualities': (_zonecast_router_v1_ConnectionQuality__Output)[];
  'left': (string)[];
}
