// Original file: proto/global.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ExplainZoneRequest as _zonecast_global_v1_ExplainZoneRequest, ExplainZoneRequest__Output as _zonecast_global_v1_ExplainZoneRequest__Output } from '../../../zonecast/global/v1/ExplainZoneRequest.ts';
import type { GetTreeRequest as _zonecast_global_v1_GetTreeRequest, GetTreeRequest__Output as _zonecast_global_v1_GetTreeRequest__Output } from '../../../zonecast/global/v1/GetTreeRequest.ts';
import type { ListPoliciesReply as _zonecast_global_v1_ListPoliciesReply, ListPoliciesReply__Output as _zonecast_global_v1_ListPoliciesReply__Output } from '../../../zonecast/global/v1/ListPoliciesReply.ts';
import type { ListPoliciesRequest as _zonecast_global_v1_ListPoliciesRequest, ListPoliciesRequest__Output as _zonecast_global_v1_ListPoliciesRequest__Output } from '../../../zonecast/global/v1/ListPoliciesRequest.ts';
import type { ListZonesReply as _zonecast_global_v1_ListZonesReply, ListZonesReply__Output as _zonecast_global_v1_ListZonesReply__Output } from '../../../zonecast/global/v1/ListZonesReply.ts';
import type { ListZonesRequest as _zonecast_global_v1_ListZonesRequest, ListZonesRequest__Output as _zonecast_global_v1_ListZonesRequest__Output } from '../../../zonecast/global/v1/ListZonesRequest.ts';
import type { MeetingTree as _zonecast_global_v1_MeetingTree, MeetingTree__Output as _zonecast_global_v1_MeetingTree__Output } from '../../../zonecast/global/v1/MeetingTree.ts';
import type { Policy as _zonecast_global_v1_Policy, Policy__Output as _zonecast_global_v1_Policy__Output } from '../../../zonecast/global/v1/Policy.ts';
import type { SetDrainedRequest as _zonecast_global_v1_SetDrainedRequest, SetDrainedRequest__Output as _zonecast_global_v1_SetDrainedRequest__Output } from '../../../zonecast/global/v1/SetDrainedRequest.ts';
import type { SetPolicyRequest as _zonecast_global_v1_SetPolicyRequest, SetPolicyRequest__Output as _zonecast_global_v1_SetPolicyRequest__Output } from '../../../zonecast/global/v1/SetPolicyRequest.ts';
import type { Zone as _zonecast_global_v1_Zone, Zone__Output as _zonecast_global_v1_Zone__Output } from '../../../zonecast/global/v1/Zone.ts';
import type { ZoneRanking as _zonecast_global_v1_ZoneRanking, ZoneRanking__Output as _zonecast_global_v1_ZoneRanking__Output } from '../../../zonecast/global/v1/ZoneRanking.ts';

export interface GlobalClient extends grpc.Client {
  ExplainZone(argument: _zonecast_global_v1_ExplainZoneRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ZoneRanking__Output>): grpc.ClientUnaryCall;
  ExplainZone(argument: _zonecast_global_v1_ExplainZoneRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_ZoneRanking__Output>): grpc.ClientUnaryCall;
  ExplainZone(argument: _zonecast_global_v1_ExplainZoneRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ZoneRanking__Output>): grpc.ClientUnaryCall;
  ExplainZone(argument: _zonecast_global_v1_ExplainZoneRequest, callback: grpc.requestCallback<_zonecast_global_v1_ZoneRanking__Output>): grpc.ClientUnaryCall;
  explainZone(argument: _zonecast_global_v1_ExplainZoneRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ZoneRanking__Output>): grpc.ClientUnaryCall;
  explainZone(argument: _zonecast_global_v1_ExplainZoneRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_ZoneRanking__Output>): grpc.ClientUnaryCall;
  explainZone(argument: _zonecast_global_v1_ExplainZoneRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ZoneRanking__Output>): grpc.ClientUnaryCall;
  explainZone(argument: _zonecast_global_v1_ExplainZoneRequest, callback: grpc.requestCallback<_zonecast_global_v1_ZoneRanking__Output>): grpc.ClientUnaryCall;
  
  GetTree(argument: _zonecast_global_v1_GetTreeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_MeetingTree__Output>): grpc.ClientUnaryCall;
  GetTree(argument: _zonecast_global_v1_GetTreeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_MeetingTree__Output>): grpc.ClientUnaryCall;
  GetTree(argument: _zonecast_global_v1_GetTreeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_MeetingTree__Output>): grpc.ClientUnaryCall;
  GetTree(argument: _zonecast_global_v1_GetTreeRequest, callback: grpc.requestCallback<_zonecast_global_v1_MeetingTree__Output>): grpc.ClientUnaryCall;
  getTree(argument: _zonecast_global_v1_GetTreeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_MeetingTree__Output>): grpc.ClientUnaryCall;
  getTree(argument: _zonecast_global_v1_GetTreeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_MeetingTree__Output>): grpc.ClientUnaryCall;
  getTree(argument: _zonecast_global_v1_GetTreeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_MeetingTree__Output>): grpc.ClientUnaryCall;
  getTree(argument: _zonecast_global_v1_GetTreeRequest, callback: grpc.requestCallback<_zonecast_global_v1_MeetingTree__Output>): grpc.ClientUnaryCall;
  
  ListPolicies(argument: _zonecast_global_v1_ListPoliciesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ListPoliciesReply__Output>): grpc.ClientUnaryCall;
  ListPolicies(argument: _zonecast_global_v1_ListPoliciesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_ListPoliciesReply__Output>): grpc.ClientUnaryCall;
  ListPolicies(argument: _zonecast_global_v1_ListPoliciesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ListPoliciesReply__Output>): grpc.ClientUnaryCall;
  ListPolicies(argument: _zonecast_global_v1_ListPoliciesRequest, callback: grpc.requestCallback<_zonecast_global_v1_ListPoliciesReply__Output>): grpc.ClientUnaryCall;
  listPolicies(argument: _zonecast_global_v1_ListPoliciesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ListPoliciesReply__Output>): grpc.ClientUnaryCall;
  listPolicies(argument: _zonecast_global_v1_ListPoliciesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_ListPoliciesReply__Output>): grpc.ClientUnaryCall;
  listPolicies(argument: _zonecast_global_v1_ListPoliciesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ListPoliciesReply__Output>): grpc.ClientUnaryCall;
  listPolicies(argument: _zonecast_global_v1_ListPoliciesRequest, callback: grpc.requestCallback<_zonecast_global_v1_ListPoliciesReply__Output>): grpc.ClientUnaryCall;
  
  ListZones(argument: _zonecast_global_v1_ListZonesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ListZonesReply__Output>): grpc.ClientUnaryCall;
  ListZones(argument: _zonecast_global_v1_ListZonesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_ListZonesReply__Output>): grpc.ClientUnaryCall;
  ListZones(argument: _zonecast_global_v1_ListZonesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ListZonesReply__Output>): grpc.ClientUnaryCall;
  ListZones(argument: _zonecast_global_v1_ListZonesRequest, callback: grpc.requestCallback<_zonecast_global_v1_ListZonesReply__Output>): grpc.ClientUnaryCall;
  listZones(argument: _zonecast_global_v1_ListZonesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ListZonesReply__Output>): grpc.ClientUnaryCall;
  listZones(argument: _zonecast_global_v1_ListZonesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_ListZonesReply__Output>): grpc.ClientUnaryCall;
  listZones(argument: _zonecast_global_v1_ListZonesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_ListZonesReply__Output>): grpc.ClientUnaryCall;
  listZones(argument: _zonecast_global_v1_ListZonesRequest, callback: grpc.requestCallback<_zonecast_global_v1_ListZonesReply__Output>): grpc.ClientUnaryCall;
  
  SetDrained(argument: _zonecast_global_v1_SetDrainedRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_Zone__Output>): grpc.ClientUnaryCall;
  SetDrained(argument: _zonecast_global_v1_SetDrainedRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_Zone__Output>): grpc.ClientUnaryCall;
  SetDrained(argument: _zonecast_global_v1_SetDrainedRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_Zone__Output>): grpc.ClientUnaryCall;
  SetDrained(argument: _zonecast_global_v1_SetDrainedRequest, callback: grpc.requestCallback<_zonecast_global_v1_Zone__Output>): grpc.ClientUnaryCall;
  setDrained(argument: _zonecast_global_v1_SetDrainedRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_Zone__Output>): grpc.ClientUnaryCall;
  setDrained(argument: _zonecast_global_v1_SetDrainedRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_Zone__Output>): grpc.ClientUnaryCall;
  setDrained(argument: _zonecast_global_v1_SetDrainedRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_Zone__Output>): grpc.ClientUnaryCall;
  setDrained(argument: _zonecast_global_v1_SetDrainedRequest, callback: grpc.requestCallback<_zonecast_global_v1_Zone__Output>): grpc.ClientUnaryCall;
  
  SetPolicy(argument: _zonecast_global_v1_SetPolicyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_Policy__Output>): grpc.ClientUnaryCall;
  SetPolicy(argument: _zonecast_global_v1_SetPolicyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_Policy__Output>): grpc.ClientUnaryCall;
  SetPolicy(argument: _zonecast_global_v1_SetPolicyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_Policy__Output>): grpc.ClientUnaryCall;
  SetPolicy(argument: _zonecast_global_v1_SetPolicyRequest, callback: grpc.requestCallback<_zonecast_global_v1_Policy__Output>): grpc.ClientUnaryCall;
  setPolicy(argument: _zonecast_global_v1_SetPolicyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_Policy__Output>): grpc.ClientUnaryCall;
  setPolicy(argument: _zonecast_global_v1_SetPolicyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_global_v1_Policy__Output>): grpc.ClientUnaryCall;
  setPolicy(argument: _zonecast_global_v1_SetPolicyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_global_v1_Policy__Output>): grpc.ClientUnaryCall;
  setPolicy(argument: _zonecast_global_v1_SetPolicyRequest, callback: grpc.requestCallback<_zonecast_global_v1_Policy__Output>): grpc.ClientUnaryCall;
  
}

export interface GlobalHandlers extends grpc.UntypedServiceImplementation {
  ExplainZone: grpc.handleUnaryCall<_zonecast_global_v1_ExplainZoneRequest__Output, _zonecast_global_v1_ZoneRanking>;
  
  GetTree: grpc.handleUnaryCall<_zonecast_global_v1_GetTreeRequest__Output, _zonecast_global_v1_MeetingTree>;
  
  ListPolicies: grpc.handleUnaryCall<_zonecast_global_v1_ListPoliciesRequest__Output, _zonecast_global_v1_ListPoliciesReply>;
  
  ListZones: grpc.handleUnaryCall<_zonecast_global_v1_ListZonesRequest__Output, _zonecast_global_v1_ListZonesReply>;
  
  SetDrained: grpc.handleUnaryCall<_zonecast_global_v1_SetDrainedRequest__Output, _zonecast_global_v1_Zone>;
  
  SetPolicy: grpc.handleUnaryCall<_zonecast_global_v1_SetPolicyRequest__Output, _zonecast_global_v1_Policy>;
  
}

export interface GlobalDefinition extends grpc.ServiceDefinition {
  ExplainZone: MethodDefinition<_zonecast_global_v1_ExplainZoneRequest, _zonecast_global_v1_ZoneRanking, _zonecast_global_v1_ExplainZoneRequest__Output, _zonecast_global_v1_ZoneRanking__Output>
  GetTree: MethodDefinition<_zonecast_global_v1_GetTreeRequest, _zonecast_global_v1_MeetingTree, _zonecast_global_v1_GetTreeRequest__Output, _zonecast_global_v1_MeetingTree__Output>
  ListPolicies: MethodDefinition<_zonecast_global_v1_ListPoliciesRequest, _zonecast_global_v1_ListPoliciesReply, _zonecast_global_v1_ListPoliciesRequest__Output, _zonecast_global_v1_ListPoliciesReply__Output>
  ListZones: MethodDefinition<_zonecast_global_v1_ListZonesRequest, _zonecast_global_v1_ListZonesReply, _zonecast_global_v1_ListZonesRequest__Output, _zonecast_global_v1_ListZonesReply__Output>
  SetDrained: MethodDefinition<_zonecast_global_v1_SetDrainedRequest, _zonecast_global_v1_Zone, _zonecast_global_v1_SetDrainedRequest__Output, _zonecast_global_v1_Zone__Output>
  SetPolicy: MethodDefinition<_zonecast_global_v1_SetPolicyRequest, _zonecast_global_v1_Policy, _zonecast_global_v1_SetPolicyRequest__Output, _zonecast_global_v1_Policy__Output>
}
