// Original file: proto/admin.proto

import type { Place as _zonecast_admin_v1_Place, Place__Output as _zonecast_admin_v1_Place__Output } from '../../../zonecast/admin/v1/Place.ts';
import type { Verdict as _zonecast_admin_v1_Verdict, Verdict__Output as _zonecast_admin_v1_Verdict__Output } from '../../../zonecast/admin/v1/Verdict.ts';

export interface Explanation {
  'text'?: (string);
  'question'?: (string);
  'places'?: (_zonecast_admin_v1_Place)[];
  'people'?: (number);
  'packetsPerSecond'?: (number | string);
  'chosen'?: (_zonecast_admin_v1_Place | null);
  'media'?: (string);
  'refusal'?: (string);
  'retryAfterMs'?: (number);
  'candidates'?: (_zonecast_admin_v1_Verdict)[];
  'others'?: ({[key: string]: number});
  'routers'?: ({[key: string]: number});
  '_chosen'?: "chosen";
}

export interface Explanation__Output {
  'text': (string);
  'question': (string);
  'places': (_zonecast_admin_v1_Place__Output)[];
  'people': (number);
  'packetsPerSecond': (number);
  'chosen'?: (_zonecast_admin_v1_Place__Output | null);
  'media': (string);
  'refusal': (string);
  'retryAfterMs': (number);
  'candidates': (_zonecast_admin_v1_Verdict__Output)[];
  'others': ({[key: string]: number});
  'routers': ({[key: string]: number});
  '_chosen'?: "chosen";
}
