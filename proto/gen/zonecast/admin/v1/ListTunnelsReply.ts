// Original file: proto/admin.proto

import type { Tunnel as _zonecast_admin_v1_Tunnel, Tunnel__Output as _zonecast_admin_v1_Tunnel__Output } from '../../../zonecast/admin/v1/Tunnel.ts';

export interface ListTunnelsReply {
  'tunnels'?: (_zonecast_admin_v1_Tunnel)[];
  'nextPageToken'?: (string);
}

export interface ListTunnelsReply__Output {
  'tunnels': (_zonecast_admin_v1_Tunnel__Output)[];
  'nextPageToken': (string);
}
