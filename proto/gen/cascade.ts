import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { CascadeClient as _zonecast_cascade_v1_CascadeClient, CascadeDefinition as _zonecast_cascade_v1_CascadeDefinition } from './zonecast/cascade/v1/Cascade.ts';
import type { Frame as _zonecast_cascade_v1_Frame, Frame__Output as _zonecast_cascade_v1_Frame__Output } from './zonecast/cascade/v1/Frame.ts';
import type { Hello as _zonecast_cascade_v1_Hello, Hello__Output as _zonecast_cascade_v1_Hello__Output } from './zonecast/cascade/v1/Hello.ts';
import type { RosterEntry as _zonecast_cascade_v1_RosterEntry, RosterEntry__Output as _zonecast_cascade_v1_RosterEntry__Output } from './zonecast/cascade/v1/RosterEntry.ts';
import type { RosterUpdate as _zonecast_cascade_v1_RosterUpdate, RosterUpdate__Output as _zonecast_cascade_v1_RosterUpdate__Output } from './zonecast/cascade/v1/RosterUpdate.ts';
import type { StateMessage as _zonecast_cascade_v1_StateMessage, StateMessage__Output as _zonecast_cascade_v1_StateMessage__Output } from './zonecast/cascade/v1/StateMessage.ts';
import type { TrunkAnswer as _zonecast_cascade_v1_TrunkAnswer, TrunkAnswer__Output as _zonecast_cascade_v1_TrunkAnswer__Output } from './zonecast/cascade/v1/TrunkAnswer.ts';
import type { TrunkMessage as _zonecast_cascade_v1_TrunkMessage, TrunkMessage__Output as _zonecast_cascade_v1_TrunkMessage__Output } from './zonecast/cascade/v1/TrunkMessage.ts';
import type { TrunkOffer as _zonecast_cascade_v1_TrunkOffer, TrunkOffer__Output as _zonecast_cascade_v1_TrunkOffer__Output } from './zonecast/cascade/v1/TrunkOffer.ts';
import type { TrunkRefusal as _zonecast_cascade_v1_TrunkRefusal, TrunkRefusal__Output as _zonecast_cascade_v1_TrunkRefusal__Output } from './zonecast/cascade/v1/TrunkRefusal.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zonecast: {
    cascade: {
      v1: {
        Cascade: SubtypeConstructor<typeof grpc.Client, _zonecast_cascade_v1_CascadeClient> & { service: _zonecast_cascade_v1_CascadeDefinition }
        Frame: MessageTypeDefinition<_zonecast_cascade_v1_Frame, _zonecast_cascade_v1_Frame__Output>
        Hello: MessageTypeDefinition<_zonecast_cascade_v1_Hello, _zonecast_cascade_v1_Hello__Output>
        RosterEntry: MessageTypeDefinition<_zonecast_cascade_v1_RosterEntry, _zonecast_cascade_v1_RosterEntry__Output>
        RosterUpdate: MessageTypeDefinition<_zonecast_cascade_v1_RosterUpdate, _zonecast_cascade_v1_RosterUpdate__Output>
        StateMessage: MessageTypeDefinition<_zonecast_cascade_v1_StateMessage, _zonecast_cascade_v1_StateMessage__Output>
        TrunkAnswer: MessageTypeDefinition<_zonecast_cascade_v1_TrunkAnswer, _zonecast_cascade_v1_TrunkAnswer__Output>
        TrunkMessage: MessageTypeDefinition<_zonecast_cascade_v1_TrunkMessage, _zonecast_cascade_v1_TrunkMessage__Output>
        TrunkOffer: MessageTypeDefinition<_zonecast_cascade_v1_TrunkOffer, _zonecast_cascade_v1_TrunkOffer__Output>
        TrunkRefusal: MessageTypeDefinition<_zonecast_cascade_v1_TrunkRefusal, _zonecast_cascade_v1_TrunkRefusal__Output>
      }
    }
  }
}

