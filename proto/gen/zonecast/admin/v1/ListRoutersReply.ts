// Original file: proto/admin.proto

import type { Router as _zonecast_admin_v1_Router, Router__Output as _zonecast_admin_v1_Router__Output } from '../../../zonecast/admin/v1/Router.ts';

export interface ListRoutersReply {
  'routers'?: (_zonecast_admin_v1_Router)[];
  'nextPageToken'?: (string);
}

export interface ListRoutersReply__Output {
  'routers': (_zonecast_admin_v1_Router__Output)[];
  'nextPageToken': (string);
}
