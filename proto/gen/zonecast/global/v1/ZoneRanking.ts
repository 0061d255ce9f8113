// Original file: proto/global.proto

import type { RankedZone as _zonecast_global_v1_RankedZone, RankedZone__Output as _zonecast_global_v1_RankedZone__Output } from '../../../zonecast/global/v1/RankedZone.ts';

export interface ZoneRanking {
  'text'?: (string);
  'candidates'?: (_zonecast_global_v1_RankedZone)[];
  'excluded'?: (_zonecast_global_v1_RankedZone)[];
}

export interface ZoneRanking__Output {
  'text': (string);
  'candidates': (_zonecast_global_v1_RankedZone__Output)[];
  'excluded': (_zonecast_global_v1_RankedZone__Output)[];
}
