// Original file: proto/router.proto

import type { ProbeCredential as _zonecast_router_v1_ProbeCredential, ProbeCredential__Output as _zonecast_router_v1_ProbeCredential__Output } from '../../../zonecast/router/v1/ProbeCredential.ts';

export interface SetProbesRequest {
  'credentials'?: (_zonecast_router_v1_ProbeCredential)[];
}

export interface SetProbesRequest__Output {
  'credentials': (_zonecast_router_v1_ProbeCredential__Output)[];
}
