// Original file: proto/zone.proto

import type { MediaAddress as _zonecast_zone_v1_MediaAddress, MediaAddress__Output as _zonecast_zone_v1_MediaAddress__Output } from '../../../zonecast/zone/v1/MediaAddress.ts';

export interface TunnelOrders {
  'zone'?: (string);
  'realm'?: (string);
  'media'?: (_zonecast_zone_v1_MediaAddress)[];
  'turnSecrets'?: (Buffer | Uint8Array | string)[];
  'ticketKeys'?: (Buffer | Uint8Array | string)[];
  'controllers'?: (string)[];
  'drain'?: (boolean);
  'tunnels'?: (string)[];
}

export interface TunnelOrders__Output {
  'zone': (string);
  'realm': (string);
  'media': (_zonecast_zone_v1_MediaAddress__Output)[];
  'turnSecrets': (Buffer)[];
  'ticketKeys': (Buffer)[];
  'controllers': (string)[];
  'drain': (boolean);
  'tunnels': (string)[];
}
