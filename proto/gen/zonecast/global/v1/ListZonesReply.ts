// Original file: proto/global.proto

import type { Zone as _zonecast_global_v1_Zone, Zone__Output as _zonecast_global_v1_Zone__Output } from '../../../zonecast/global/v1/Zone.ts';

export interface ListZonesReply {
  'zones'?: (_zonecast_global_v1_Zone)[];
}

export interface ListZonesReply__Output {
  'zones': (_zonecast_global_v1_Zone__Output)[];
}
