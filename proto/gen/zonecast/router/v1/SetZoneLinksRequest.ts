// Original file: proto/router.proto

import type { ZoneLink as _zonecast_router_v1_ZoneLink, ZoneLink__Output as _zonecast_router_v1_ZoneLink__Output } from '../../../zonecast/router/v1/ZoneLink.ts';
import type { Long } from '@grpc/proto-loader';

export interface SetZoneLinksRequest {
  'meeting'?: (string);
  'version'?: (number | string | Long);
  'links'?: (_zonecast_router_v1_ZoneLink)[];
}

export interface SetZoneLinksRequest__Output {
  'meeting': (string);
  'version': (number);
  'links': (_zonecast_router_v1_ZoneLink__Output)[];
}
