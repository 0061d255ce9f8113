// Original file: proto/router.proto

import type { Home as _zonecast_router_v1_Home, Home__Output as _zonecast_router_v1_Home__Output } from '../../../zonecast/router/v1/Home.ts';
import type { Entry as _zonecast_router_v1_Entry, Entry__Output as _zonecast_router_v1_Entry__Output } from '../../../zonecast/router/v1/Entry.ts';
import type { Long } from '@grpc/proto-loader';

export interface JoinRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'offer'?: (string);
  'sources'?: ({[key: string]: string});
  'muted'?: (string)[];
  'name'?: (string);
  'home'?: (_zonecast_router_v1_Home | null);
  'worker'?: (number);
  'maxParticipants'?: (number);
  'audioOnly'?: (boolean);
  'entry'?: (_zonecast_router_v1_Entry | null);
  '_worker'?: "worker";
}

export interface JoinRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'offer': (string);
  'sources': ({[key: string]: string});
  'muted': (string)[];
  'name': (string);
  'home': (_zonecast_router_v1_Home__Output | null);
  'worker'?: (number);
  'maxParticipants': (number);
  'audioOnly': (boolean);
  'entry': (_zonecast_router_v1_Entry__Output | null);
  '_worker'?: "worker";
}
