// Original file: proto/admin.proto

import type { Place as _zonecast_admin_v1_Place, Place__Output as _zonecast_admin_v1_Place__Output } from '../../../zonecast/admin/v1/Place.ts';
import type { Long } from '@grpc/proto-loader';

export interface Meeting {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'places'?: (_zonecast_admin_v1_Place)[];
  'participants'?: (number);
}

export interface Meeting__Output {
  'meeting': (string);
  'epoch': (number);
  'places': (_zonecast_admin_v1_Place__Output)[];
  'participants': (number);
}
