// Original file: proto/router.proto

import type { ViewEntry as _zonecast_router_v1_ViewEntry, ViewEntry__Output as _zonecast_router_v1_ViewEntry__Output } from '../../../zonecast/router/v1/ViewEntry.ts';
import type { Long } from '@grpc/proto-loader';

export interface SetViewRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'view'?: (_zonecast_router_v1_ViewEntry)[];
}

export interface SetViewRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'view': (_zonecast_router_v1_ViewEntry__Output)[];
}
