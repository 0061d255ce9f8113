// Original file: proto/router.proto

import type { TrustedZone as _zonecast_router_v1_TrustedZone, TrustedZone__Output as _zonecast_router_v1_TrustedZone__Output } from '../../../zonecast/router/v1/TrustedZone.ts';

export interface SetZonesRequest {
  'zones'?: (_zonecast_router_v1_TrustedZone)[];
}

export interface SetZonesRequest__Output {
  'zones': (_zonecast_router_v1_TrustedZone__Output)[];
}
