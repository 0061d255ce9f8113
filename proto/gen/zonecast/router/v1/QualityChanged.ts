// Original file: proto/router.proto

import type { ConnectionQuality as _zonecast_router_v1_ConnectionQuality, ConnectionQuality__Output as _zonecast_router_v1_ConnectionQuality__Output } from '../../../zonecast/router/v1/ConnectionQuality.ts';

export interface QualityChanged {
  'meeting'?: (string);
  'qualities'?: (_zonecast_router_v1_ConnectionQuality)[];
}

export interface QualityChanged__Output {
  'meeting': (string);
  'qualities': (_zonecast_router_v1_ConnectionQuality__Output)[];
}
