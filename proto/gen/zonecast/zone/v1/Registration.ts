// Original file: proto/zone.proto

import type { Limits as _zonecast_zone_v1_Limits, Limits__Output as _zonecast_zone_v1_Limits__Output } from '../../../zonecast/zone/v1/Limits.ts';
import type { MediaAddress as _zonecast_zone_v1_MediaAddress, MediaAddress__Output as _zonecast_zone_v1_MediaAddress__Output } from '../../../zonecast/zone/v1/MediaAddress.ts';

export interface Registration {
  'router'?: (string);
  'address'?: (string);
  'workers'?: (number);
  'workerLimits'?: (_zonecast_zone_v1_Limits | null);
  'version'?: (string);
  'labels'?: ({[key: string]: string});
  'taints'?: (string)[];
  'zonesAddress'?: (string);
  'media'?: (_zonecast_zone_v1_MediaAddress)[];
}

export interface Registration__Output {
  'router': (string);
  'address': (string);
  'workers': (number);
  'workerLimits': (_zonecast_zone_v1_Limits__Output | null);
  'version': (string);
  'labels': ({[key: string]: string});
  'taints': (string)[];
  'zonesAddress': (string);
  'media': (_zonecast_zone_v1_MediaAddress__Output)[];
}
