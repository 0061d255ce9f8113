// Original file: proto/zone.proto

import type { Registration as _zonecast_zone_v1_Registration, Registration__Output as _zonecast_zone_v1_Registration__Output } from '../../../zonecast/zone/v1/Registration.ts';
import type { Load as _zonecast_zone_v1_Load, Load__Output as _zonecast_zone_v1_Load__Output } from '../../../zonecast/zone/v1/Load.ts';

export interface RouterReport {
  'registration'?: (_zonecast_zone_v1_Registration | null);
  'load'?: (_zonecast_zone_v1_Load | null);
  'report'?: "registration"|"load";
}

export interface RouterReport__Output {
  'registration'?: (_zonecast_zone_v1_Registration__Output | null);
  'load'?: (_zonecast_zone_v1_Load__Output | null);
  'report'?: "registration"|"load";
}
