// Original file: proto/admin.proto

import type { TunnelDrain as _zonecast_admin_v1_TunnelDrain, TunnelDrain__Output as _zonecast_admin_v1_TunnelDrain__Output } from '../../../zonecast/admin/v1/TunnelDrain.ts';

export interface DrainTunnelReply {
  'drain'?: (_zonecast_admin_v1_TunnelDrain | null);
}

export interface DrainTunnelReply__Output {
  'drain': (_zonecast_admin_v1_TunnelDrain__Output | null);
}
