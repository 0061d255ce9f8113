// Original file: proto/router.proto

import type { WorkerLoad as _zonecast_router_v1_WorkerLoad, WorkerLoad__Output as _zonecast_router_v1_WorkerLoad__Output } from '../../../zonecast/router/v1/WorkerLoad.ts';

export interface Load {
  'workers'?: (_zonecast_router_v1_WorkerLoad)[];
  'workerRestarts'?: (number);
}

export interface Load__Output {
  'workers': (_zonecast_router_v1_WorkerLoad__Output)[];
  'workerRestarts': (number);
}
