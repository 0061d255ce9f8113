// Original file: proto/router.proto

import type { ProbeTarget as _zonecast_router_v1_ProbeTarget, ProbeTarget__Output as _zonecast_router_v1_ProbeTarget__Output } from '../../../zonecast/router/v1/ProbeTarget.ts';

export interface SetProbesReply {
  'targets'?: (_zonecast_router_v1_ProbeTarget)[];
}

export interface SetProbesReply__Output {
  'targets': (_zonecast_router_v1_ProbeTarget__Output)[];
}
