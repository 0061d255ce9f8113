// Original file: proto/global.proto

import type { Presence as _zonecast_global_v1_Presence, Presence__Output as _zonecast_global_v1_Presence__Output } from '../../../zonecast/global/v1/Presence.ts';
import type { Edge as _zonecast_global_v1_Edge, Edge__Output as _zonecast_global_v1_Edge__Output } from '../../../zonecast/global/v1/Edge.ts';
import type { Long } from '@grpc/proto-loader';

export interface MeetingTree {
  'meeting'?: (string);
  'home'?: (string);
  'term'?: (number | string | Long);
  'present'?: (_zonecast_global_v1_Presence)[];
  'root'?: (string);
  'edges'?: (_zonecast_global_v1_Edge)[];
  'version'?: (number | string | Long);
}

export interface MeetingTree__Output {
  'meeting': (string);
  'home': (string);
  'term': (number);
  'present': (_zonecast_global_v1_Presence__Output)[];
  'root': (string);
  'edges': (_zonecast_global_v1_Edge__Output)[];
  'version': (number);
}
