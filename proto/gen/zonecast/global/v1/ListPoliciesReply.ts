// Original file: proto/global.proto

import type { Policy as _zonecast_global_v1_Policy, Policy__Output as _zonecast_global_v1_Policy__Output } from '../../../zonecast/global/v1/Policy.ts';

export interface ListPoliciesReply {
  'policies'?: (_zonecast_global_v1_Policy)[];
}

export interface ListPoliciesReply__Output {
  'policies': (_zonecast_global_v1_Policy__Output)[];
}
