// Original file: proto/router.proto

import type { SlotAssignment as _zonecast_router_v1_SlotAssignment, SlotAssignment__Output as _zonecast_router_v1_SlotAssignment__Output } from '../../../zonecast/router/v1/SlotAssignment.ts';

export interface SlotsChanged {
  'meeting'?: (string);
  'participant'?: (string);
  'slots'?: (_zonecast_router_v1_SlotAssignment)[];
}

export interface SlotsChanged__Output {
  'meeting': (string);
  'participant': (string);
  'slots': (_zonecast_router_v1_SlotAssignment__Output)[];
}
