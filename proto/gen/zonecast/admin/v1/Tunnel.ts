// Original file: proto/admin.proto

import type { TunnelDrain as _zonecast_admin_v1_TunnelDrain, TunnelDrain__Output as _zonecast_admin_v1_TunnelDrain__Output } from '../../../zonecast/admin/v1/TunnelDrain.ts';

export interface Tunnel {
  'tunnel'?: (string);
  'state'?: (string);
  'urls'?: (string)[];
  'turnUrls'?: (string)[];
  'load'?: (number | string);
  'release'?: (string);
  'controller'?: (string);
  'drain'?: (_zonecast_admin_v1_TunnelDrain | null);
  'left'?: (number);
  '_drain'?: "drain";
  '_left'?: "left";
}

export interface Tunnel__Output {
  'tunnel': (string);
  'state': (string);
  'urls': (string)[];
  'turnUrls': (string)[];
  'load': (number);
  'release': (string);
  'controller': (string);
  'drain'?: (_zonecast_admin_v1_TunnelDrain__Output | null);
  'left'?: (number);
  '_drain'?: "drain";
  '_left'?: "left";
}
