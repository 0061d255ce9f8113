// Original file: proto/global.proto

import type { Trunk as _zonecast_global_v1_Trunk, Trunk__Output as _zonecast_global_v1_Trunk__Output } from '../../../zonecast/global/v1/Trunk.ts';

export interface Zone {
  'zone'?: (string);
  'name'?: (string);
  'region'?: (string);
  'standing'?: (string);
  'silentMs'?: (number | string);
  'drained'?: (boolean);
  'participants'?: (number);
  'routersReady'?: (number);
  'headRoom'?: (number | string);
  'releases'?: (string)[];
  'trunks'?: (_zonecast_global_v1_Trunk)[];
  '_participants'?: "participants";
  '_routersReady'?: "routersReady";
  '_headRoom'?: "headRoom";
}

export interface Zone__Output {
  'zone': (string);
  'name': (string);
  'region': (string);
  'standing': (string);
  'silentMs': (number);
  'drained': (boolean);
  'participants'?: (number);
  'routersReady'?: (number);
  'headRoom'?: (number);
  'releases': (string)[];
  'trunks': (_zonecast_global_v1_Trunk__Output)[];
  '_participants'?: "participants";
  '_routersReady'?: "routersReady";
  '_headRoom'?: "headRoom";
}
