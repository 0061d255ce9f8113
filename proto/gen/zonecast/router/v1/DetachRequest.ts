// Original file: proto/router.proto

import type { Home as _zonecast_router_v1_Home, Home__Output as _zonecast_router_v1_Home__Output } from '../../../zonecast/router/v1/Home.ts';
import type { Long } from '@grpc/proto-loader';

export interface DetachRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'home'?: (_zonecast_router_v1_Home | null);
  'keepMs'?: (number);
}

export interface DetachRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'home': (_zonecast_router_v1_Home__Output | null);
  'keepMs': (number);
}
