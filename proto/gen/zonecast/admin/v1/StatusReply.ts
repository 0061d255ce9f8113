// Original file: proto/admin.proto

import type { Controller as _zonecast_admin_v1_Controller, Controller__Output as _zonecast_admin_v1_Controller__Output } from '../../../zonecast/admin/v1/Controller.ts';
import type { Registry as _zonecast_admin_v1_Registry, Registry__Output as _zonecast_admin_v1_Registry__Output } from '../../../zonecast/admin/v1/Registry.ts';
import type { Totals as _zonecast_admin_v1_Totals, Totals__Output as _zonecast_admin_v1_Totals__Output } from '../../../zonecast/admin/v1/Totals.ts';

export interface StatusReply {
  'zone'?: (string);
  'release'?: (string);
  'controller'?: (string);
  'controllers'?: (_zonecast_admin_v1_Controller)[];
  'leader'?: (string);
  'registry'?: (_zonecast_admin_v1_Registry | null);
  'totals'?: (_zonecast_admin_v1_Totals | null);
  'problems'?: (string)[];
  'warnings'?: (string)[];
}

export interface StatusReply__Output {
  'zone': (string);
  'release': (string);
  'controller': (string);
  'controllers': (_zonecast_admin_v1_Controller__Output)[];
  'leader': (string);
  'registry': (_zonecast_admin_v1_Registry__Output | null);
  'totals': (_zonecast_admin_v1_Totals__Output | null);
  'problems': (string)[];
  'warnings': (string)[];
}
