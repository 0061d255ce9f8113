// Original file: proto/global.proto

import type { Policy as _zonecast_global_v1_Policy, Policy__Output as _zonecast_global_v1_Policy__Output } from '../../../zonecast/global/v1/Policy.ts';

export interface SetPolicyRequest {
  'policy'?: (_zonecast_global_v1_Policy | null);
}

export interface SetPolicyRequest__Output {
  'policy': (_zonecast_global_v1_Policy__Output | null);
}
