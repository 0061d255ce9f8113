// Original file: proto/global.proto

import type { Place as _zonecast_global_v1_Place, Place__Output as _zonecast_global_v1_Place__Output } from '../../../zonecast/global/v1/Place.ts';

export interface ExplainZoneRequest {
  'meeting'?: (string);
  'rttMs'?: ({[key: string]: number | string});
  'place'?: (_zonecast_global_v1_Place | null);
  'own'?: (string);
  '_place'?: "place";
}

export interface ExplainZoneRequest__Output {
  'meeting': (string);
  'rttMs': ({[key: string]: number});
  'place'?: (_zonecast_global_v1_Place__Output | null);
  'own': (string);
  '_place'?: "place";
}
