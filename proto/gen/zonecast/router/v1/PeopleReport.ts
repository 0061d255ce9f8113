// Original file: proto/router.proto

import type { PlacePeople as _zonecast_router_v1_PlacePeople, PlacePeople__Output as _zonecast_router_v1_PlacePeople__Output } from '../../../zonecast/router/v1/PlacePeople.ts';

export interface PeopleReport {
  'whole'?: (boolean);
  'places'?: (_zonecast_router_v1_PlacePeople)[];
}

export interface PeopleReport__Output {
  'whole': (boolean);
  'places': (_zonecast_router_v1_PlacePeople__Output)[];
}
