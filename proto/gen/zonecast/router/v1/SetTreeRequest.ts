// Original file: proto/router.proto

import type { TreePlace as _zonecast_router_v1_TreePlace, TreePlace__Output as _zonecast_router_v1_TreePlace__Output } from '../../../zonecast/router/v1/TreePlace.ts';
import type { Long } from '@grpc/proto-loader';

export interface SetTreeRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'version'?: (number | string | Long);
  'places'?: (_zonecast_router_v1_TreePlace)[];
}

export interface SetTreeRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'version': (number);
  'places': (_zonecast_router_v1_TreePlace__Output)[];
}
