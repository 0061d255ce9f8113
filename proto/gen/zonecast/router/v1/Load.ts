// Original file: proto/router.proto

import type { WorkerLoad as _zonecast_router_v1_WorkerLoad, WorkerLoad__Output as _zonecast_router_v1_WorkerLoad__Output } from '../../../zonecast/router/v1/WorkerLoad.ts';
import type { ZoneTrunk as _zonecast_router_v1_ZoneTrunk, ZoneTrunk__Output as _zonecast_router_v1_ZoneTrunk__Output } from '../../../zonecast/router/v1/ZoneTrunk.ts';

export interface Load {
  'workers'?: (_zonecast_router_v1_WorkerLoad)[];
  'workerRestarts'?: (number);
  'zoneTrunks'?: (_zonecast_router_v1_ZoneTrunk)[];
}

export interface Load__Output {
  'workers': (_zonecast_router_v1_WorkerLoad__Output)[];
  'workerRestarts': (number);
  'zoneTrunks': (_zonecast_router_v1_ZoneTrunk__Output)[];
}
