// Original file: proto/cascade.proto

import type { Hello as _zonecast_cascade_v1_Hello, Hello__Output as _zonecast_cascade_v1_Hello__Output } from '../../../zonecast/cascade/v1/Hello.ts';
import type { TrunkOffer as _zonecast_cascade_v1_TrunkOffer, TrunkOffer__Output as _zonecast_cascade_v1_TrunkOffer__Output } from '../../../zonecast/cascade/v1/TrunkOffer.ts';
import type { TrunkAnswer as _zonecast_cascade_v1_TrunkAnswer, TrunkAnswer__Output as _zonecast_cascade_v1_TrunkAnswer__Output } from '../../../zonecast/cascade/v1/TrunkAnswer.ts';
import type { TrunkRefusal as _zonecast_cascade_v1_TrunkRefusal, TrunkRefusal__Output as _zonecast_cascade_v1_TrunkRefusal__Output } from '../../../zonecast/cascade/v1/TrunkRefusal.ts';
import type { TrunkMessage as _zonecast_cascade_v1_TrunkMessage, TrunkMessage__Output as _zonecast_cascade_v1_TrunkMessage__Output } from '../../../zonecast/cascade/v1/TrunkMessage.ts';
import type { RosterUpdate as _zonecast_cascade_v1_RosterUpdate, RosterUpdate__Output as _zonecast_cascade_v1_RosterUpdate__Output } from '../../../zonecast/cascade/v1/RosterUpdate.ts';
import type { StateMessage as _zonecast_cascade_v1_StateMessage, StateMessage__Output as _zonecast_cascade_v1_StateMessage__Output } from '../../../zonecast/cascade/v1/StateMessage.ts';

export interface Frame {
  'hello'?: (_zonecast_cascade_v1_Hello | null);
  'offer'?: (_zonecast_cascade_v1_TrunkOffer | null);
  'answer'?: (_zonecast_cascade_v1_TrunkAnswer | null);
  'refusal'?: (_zonecast_cascade_v1_TrunkRefusal | null);
  'message'?: (_zonecast_cascade_v1_TrunkMessage | null);
  'roster'?: (_zonecast_cascade_v1_RosterUpdate | null);
  'state'?: (_zonecast_cascade_v1_StateMessage | null);
  'frame'?: "hello"|"offer"|"answer"|"refusal"|"message"|"roster"|"state";
}

export interface Frame__Output {
  'hello'?: (_zonecast_cascade_v1_Hello__Output | null);
  'offer'?: (_zonecast_cascade_v1_TrunkOffer__Output | null);
  'answer'?: (_zonecast_cascade_v1_TrunkAnswer__Output | null);
  'refusal'?: (_zonecast_cascade_v1_TrunkRefusal__Output | null);
  'message'?: (_zonecast_cascade_v1_TrunkMessage__Output | null);
  'roster'?: (_zonecast_cascade_v1_RosterUpdate__Output | null);
  'state'?: (_zonecast_cascade_v1_StateMessage__Output | null);
  'frame'?: "hello"|"offer"|"answer"|"refusal"|"message"|"roster"|"state";
}
