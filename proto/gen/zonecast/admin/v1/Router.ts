// Original file: proto/admin.proto

import type { Worker as _zonecast_admin_v1_Worker, Worker__Output as _zonecast_admin_v1_Worker__Output } from '../../../zonecast/admin/v1/Worker.ts';
import type { Drain as _zonecast_admin_v1_Drain, Drain__Output as _zonecast_admin_v1_Drain__Output } from '../../../zonecast/admin/v1/Drain.ts';

export interface Router {
  'router'?: (string);
  'address'?: (string);
  'release'?: (string);
  'controller'?: (string);
  'state'?: (string);
  'labels'?: ({[key: string]: string});
  'taints'?: (string)[];
  'maxParticipants'?: (number);
  'maxPacketsPerSecond'?: (number | string);
  'workers'?: (_zonecast_admin_v1_Worker)[];
  'workerRestarts'?: (number);
  'drain'?: (_zonecast_admin_v1_Drain | null);
  'participants'?: (number);
  '_drain'?: "drain";
}

export interface Router__Output {
  'router': (string);
  'address': (string);
  'release': (string);
  'controller': (string);
  'state': (string);
  'labels': ({[key: string]: string});
  'taints': (string)[];
  'maxParticipants': (number);
  'maxPacketsPerSecond': (number);
  'workers': (_zonecast_admin_v1_Worker__Output)[];
  'workerRestarts': (number);
  'drain'?: (_zonecast_admin_v1_Drain__Output | null);
  'participants': (number);
  '_drain'?: "drain";
}
