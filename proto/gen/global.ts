import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Edge as _zonecast_global_v1_Edge, Edge__Output as _zonecast_global_v1_Edge__Output } from './zonecast/global/v1/Edge.ts';
import type { ExplainZoneRequest as _zonecast_global_v1_ExplainZoneRequest, ExplainZoneRequest__Output as _zonecast_global_v1_ExplainZoneRequest__Output } from './zonecast/global/v1/ExplainZoneRequest.ts';
import type { GetTreeRequest as _zonecast_global_v1_GetTreeRequest, GetTreeRequest__Output as _zonecast_global_v1_GetTreeRequest__Output } from './zonecast/global/v1/GetTreeRequest.ts';
import type { GlobalClient as _zonecast_global_v1_GlobalClient, GlobalDefinition as _zonecast_global_v1_GlobalDefinition } from './zonecast/global/v1/Global.ts';
import type { Guests as _zonecast_global_v1_Guests, Guests__Output as _zonecast_global_v1_Guests__Output } from './zonecast/global/v1/Guests.ts';
import type { ListPoliciesReply as _zonecast_global_v1_ListPoliciesReply, ListPoliciesReply__Output as _zonecast_global_v1_ListPoliciesReply__Output } from './zonecast/global/v1/ListPoliciesReply.ts';
import type { ListPoliciesRequest as _zonecast_global_v1_ListPoliciesRequest, ListPoliciesRequest__Output as _zonecast_global_v1_ListPoliciesRequest__Output } from './zonecast/global/v1/ListPoliciesRequest.ts';
import type { ListZonesReply as _zonecast_global_v1_ListZonesReply, ListZonesReply__Output as _zonecast_global_v1_ListZonesReply__Output } from './zonecast/global/v1/ListZonesReply.ts';
import type { ListZonesRequest as _zonecast_global_v1_ListZonesRequest, ListZonesRequest__Output as _zonecast_global_v1_ListZonesRequest__Output } from './zonecast/global/v1/ListZonesRequest.ts';
import type { MeetingTree as _zonecast_global_v1_MeetingTree, MeetingTree__Output as _zonecast_global_v1_MeetingTree__Output } from './zonecast/global/v1/MeetingTree.ts';
import type { Overflow as _zonecast_global_v1_Overflow, Overflow__Output as _zonecast_global_v1_Overflow__Output } from './zonecast/global/v1/Overflow.ts';
import type { Place as _zonecast_global_v1_Place, Place__Output as _zonecast_global_v1_Place__Output } from './zonecast/global/v1/Place.ts';
import type { Policy as _zonecast_global_v1_Policy, Policy__Output as _zonecast_global_v1_Policy__Output } from './zonecast/global/v1/Policy.ts';
import type { Presence as _zonecast_global_v1_Presence, Presence__Output as _zonecast_global_v1_Presence__Output } from './zonecast/global/v1/Presence.ts';
import type { RankedZone as _zonecast_global_v1_RankedZone, RankedZone__Output as _zonecast_global_v1_RankedZone__Output } from './zonecast/global/v1/RankedZone.ts';
import type { SetDrainedRequest as _zonecast_global_v1_SetDrainedRequest, SetDrainedRequest__Output as _zonecast_global_v1_SetDrainedRequest__Output } from './zonecast/global/v1/SetDrainedRequest.ts';
import type { SetPolicyRequest as _zonecast_global_v1_SetPolicyRequest, SetPolicyRequest__Output as _zonecast_global_v1_SetPolicyRequest__Output } from './zonecast/global/v1/SetPolicyRequest.ts';
import type { Trunk as _zonecast_global_v1_Trunk, Trunk__Output as _zonecast_global_v1_Trunk__Output } from './zonecast/global/v1/Trunk.ts';
import type { Zone as _zonecast_global_v1_Zone, Zone__Output as _zonecast_global_v1_Zone__Output } from './zonecast/global/v1/Zone.ts';
import type { ZoneRanking as _zonecast_global_v1_ZoneRanking, ZoneRanking__Output as _zonecast_global_v1_ZoneRanking__Output } from './zonecast/global/v1/ZoneRanking.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zonecast: {
    global: {
      v1: {
        Edge: MessageTypeDefinition<_zonecast_global_v1_Edge, _zonecast_global_v1_Edge__Output>
        ExplainZoneRequest: MessageTypeDefinition<_zonecast_global_v1_ExplainZoneRequest, _zonecast_global_v1_ExplainZoneRequest__Output>
        GetTreeRequest: MessageTypeDefinition<_zonecast_global_v1_GetTreeRequest, _zonecast_global_v1_GetTreeRequest__Output>
        Global: SubtypeConstructor<typeof grpc.Client, _zonecast_global_v1_GlobalClient> & { service: _zonecast_global_v1_GlobalDefinition }
        Guests: MessageTypeDefinition<_zonecast_global_v1_Guests, _zonecast_global_v1_Guests__Output>
        ListPoliciesReply: MessageTypeDefinition<_zonecast_global_v1_ListPoliciesReply, _zonecast_global_v1_ListPoliciesReply__Output>
        ListPoliciesRequest: MessageTypeDefinition<_zonecast_global_v1_ListPoliciesRequest, _zonecast_global_v1_ListPoliciesRequest__Output>
        ListZonesReply: MessageTypeDefinition<_zonecast_global_v1_ListZonesReply, _zonecast_global_v1_ListZonesReply__Output>
        ListZonesRequest: MessageTypeDefinition<_zonecast_global_v1_ListZonesRequest, _zonecast_global_v1_ListZonesRequest__Output>
        MeetingTree: MessageTypeDefinition<_zonecast_global_v1_MeetingTree, _zonecast_global_v1_MeetingTree__Output>
        Overflow: MessageTypeDefinition<_zonecast_global_v1_Overflow, _zonecast_global_v1_Overflow__Output>
        Place: MessageTypeDefinition<_zonecast_global_v1_Place, _zonecast_global_v1_Place__Output>
        Policy: MessageTypeDefinition<_zonecast_global_v1_Policy, _zonecast_global_v1_Policy__Output>
        Presence: MessageTypeDefinition<_zonecast_global_v1_Presence, _zonecast_global_v1_Presence__Output>
        RankedZone: MessageTypeDefinition<_zonecast_global_v1_RankedZone, _zonecast_global_v1_RankedZone__Output>
        SetDrainedRequest: MessageTypeDefinition<_zonecast_global_v1_SetDrainedRequest, _zonecast_global_v1_SetDrainedRequest__Output>
        SetPolicyRequest: MessageTypeDefinition<_zonecast_global_v1_SetPolicyRequest, _zonecast_global_v1_SetPolicyRequest__Output>
        Trunk: MessageTypeDefinition<_zonecast_global_v1_Trunk, _zonecast_global_v1_Trunk__Output>
        Zone: MessageTypeDefinition<_zonecast_global_v1_Zone, _zonecast_global_v1_Zone__Output>
        ZoneRanking: MessageTypeDefinition<_zonecast_global_v1_ZoneRanking, _zonecast_global_v1_ZoneRanking__Output>
      }
    }
  }
}

