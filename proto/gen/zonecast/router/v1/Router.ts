// Original file: proto/router.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ActRequest as _zonecast_router_v1_ActRequest, ActRequest__Output as _zonecast_router_v1_ActRequest__Output } from '../../../zonecast/router/v1/ActRequest.ts';
import type { AttachRequest as _zonecast_router_v1_AttachRequest, AttachRequest__Output as _zonecast_router_v1_AttachRequest__Output } from '../../../zonecast/router/v1/AttachRequest.ts';
import type { CloseMeetingRequest as _zonecast_router_v1_CloseMeetingRequest, CloseMeetingRequest__Output as _zonecast_router_v1_CloseMeetingRequest__Output } from '../../../zonecast/router/v1/CloseMeetingRequest.ts';
import type { DescribeReply as _zonecast_router_v1_DescribeReply, DescribeReply__Output as _zonecast_router_v1_DescribeReply__Output } from '../../../zonecast/router/v1/DescribeReply.ts';
import type { DescribeRequest as _zonecast_router_v1_DescribeRequest, DescribeRequest__Output as _zonecast_router_v1_DescribeRequest__Output } from '../../../zonecast/router/v1/DescribeRequest.ts';
import type { DetachRequest as _zonecast_router_v1_DetachRequest, DetachRequest__Output as _zonecast_router_v1_DetachRequest__Output } from '../../../zonecast/router/v1/DetachRequest.ts';
import type { Empty as _zonecast_router_v1_Empty, Empty__Output as _zonecast_router_v1_Empty__Output } from '../../../zonecast/router/v1/Empty.ts';
import type { Event as _zonecast_router_v1_Event, Event__Output as _zonecast_router_v1_Event__Output } from '../../../zonecast/router/v1/Event.ts';
import type { EventsRequest as _zonecast_router_v1_EventsRequest, EventsRequest__Output as _zonecast_router_v1_EventsRequest__Output } from '../../../zonecast/router/v1/EventsRequest.ts';
import type { JoinReply as _zonecast_router_v1_JoinReply, JoinReply__Output as _zonecast_router_v1_JoinReply__Output } from '../../../zonecast/router/v1/JoinReply.ts';
import type { JoinRequest as _zonecast_router_v1_JoinRequest, JoinRequest__Output as _zonecast_router_v1_JoinRequest__Output } from '../../../zonecast/router/v1/JoinRequest.ts';
import type { LeaveRequest as _zonecast_router_v1_LeaveRequest, LeaveRequest__Output as _zonecast_router_v1_LeaveRequest__Output } from '../../../zonecast/router/v1/LeaveRequest.ts';
import type { OpenConnectionReply as _zonecast_router_v1_OpenConnectionReply, OpenConnectionReply__Output as _zonecast_router_v1_OpenConnectionReply__Output } from '../../../zonecast/router/v1/OpenConnectionReply.ts';
import type { OpenConnectionRequest as _zonecast_router_v1_OpenConnectionRequest, OpenConnectionRequest__Output as _zonecast_router_v1_OpenConnectionRequest__Output } from '../../../zonecast/router/v1/OpenConnectionRequest.ts';
import type { RenegotiateReply as _zonecast_router_v1_RenegotiateReply, RenegotiateReply__Output as _zonecast_router_v1_RenegotiateReply__Output } from '../../../zonecast/router/v1/RenegotiateReply.ts';
import type { RenegotiateRequest as _zonecast_router_v1_RenegotiateRequest, RenegotiateRequest__Output as _zonecast_router_v1_RenegotiateRequest__Output } from '../../../zonecast/router/v1/RenegotiateRequest.ts';
import type { SetMuteRequest as _zonecast_router_v1_SetMuteRequest, SetMuteRequest__Output as _zonecast_router_v1_SetMuteRequest__Output } from '../../../zonecast/router/v1/SetMuteRequest.ts';
import type { SetProbesReply as _zonecast_router_v1_SetProbesReply, SetProbesReply__Output as _zonecast_router_v1_SetProbesReply__Output } from '../../../zonecast/router/v1/SetProbesReply.ts';
import type { SetProbesRequest as _zonecast_router_v1_SetProbesRequest, SetProbesRequest__Output as _zonecast_router_v1_SetProbesRequest__Output } from '../../../zonecast/router/v1/SetProbesRequest.ts';
import type { SetTreeRequest as _zonecast_router_v1_SetTreeRequest, SetTreeRequest__Output as _zonecast_router_v1_SetTreeRequest__Output } from '../../../zonecast/router/v1/SetTreeRequest.ts';
import type { SetViewRequest as _zonecast_router_v1_SetViewRequest, SetViewRequest__Output as _zonecast_router_v1_SetViewRequest__Output } from '../../../zonecast/router/v1/SetViewRequest.ts';
import type { SetZoneLinksRequest as _zonecast_router_v1_SetZoneLinksRequest, SetZoneLinksRequest__Output as _zonecast_router_v1_SetZoneLinksRequest__Output } from '../../../zonecast/router/v1/SetZoneLinksRequest.ts';
import type { SetZonesRequest as _zonecast_router_v1_SetZonesRequest, SetZonesRequest__Output as _zonecast_router_v1_SetZonesRequest__Output } from '../../../zonecast/router/v1/SetZonesRequest.ts';
import type { SettleConnectionRequest as _zonecast_router_v1_SettleConnectionRequest, SettleConnectionRequest__Output as _zonecast_router_v1_SettleConnectionRequest__Output } from '../../../zonecast/router/v1/SettleConnectionRequest.ts';
import type { StatisticsReply as _zonecast_router_v1_StatisticsReply, StatisticsReply__Output as _zonecast_router_v1_StatisticsReply__Output } from '../../../zonecast/router/v1/StatisticsReply.ts';
import type { StatisticsRequest as _zonecast_router_v1_StatisticsRequest, StatisticsRequest__Output as _zonecast_router_v1_StatisticsRequest__Output } from '../../../zonecast/router/v1/StatisticsRequest.ts';

export interface RouterClient extends grpc.Client {
  Act(argument: _zonecast_router_v1_ActRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Act(argument: _zonecast_router_v1_ActRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Act(argument: _zonecast_router_v1_ActRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Act(argument: _zonecast_router_v1_ActRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  act(argument: _zonecast_router_v1_ActRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  act(argument: _zonecast_router_v1_ActRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  act(argument: _zonecast_router_v1_ActRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  act(argument: _zonecast_router_v1_ActRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  Attach(argument: _zonecast_router_v1_AttachRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Attach(argument: _zonecast_router_v1_AttachRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Attach(argument: _zonecast_router_v1_AttachRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Attach(argument: _zonecast_router_v1_AttachRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  attach(argument: _zonecast_router_v1_AttachRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  attach(argument: _zonecast_router_v1_AttachRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  attach(argument: _zonecast_router_v1_AttachRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  attach(argument: _zonecast_router_v1_AttachRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  CloseMeeting(argument: _zonecast_router_v1_CloseMeetingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  CloseMeeting(argument: _zonecast_router_v1_CloseMeetingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  CloseMeeting(argument: _zonecast_router_v1_CloseMeetingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  CloseMeeting(argument: _zonecast_router_v1_CloseMeetingRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  closeMeeting(argument: _zonecast_router_v1_CloseMeetingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  closeMeeting(argument: _zonecast_router_v1_CloseMeetingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  closeMeeting(argument: _zonecast_router_v1_CloseMeetingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  closeMeeting(argument: _zonecast_router_v1_CloseMeetingRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  Describe(argument: _zonecast_router_v1_DescribeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_DescribeReply__Output>): grpc.ClientUnaryCall;
  Describe(argument: _zonecast_router_v1_DescribeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_DescribeReply__Output>): grpc.ClientUnaryCall;
  Describe(argument: _zonecast_router_v1_DescribeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_DescribeReply__Output>): grpc.ClientUnaryCall;
  Describe(argument: _zonecast_router_v1_DescribeRequest, callback: grpc.requestCallback<_zonecast_router_v1_DescribeReply__Output>): grpc.ClientUnaryCall;
  describe(argument: _zonecast_router_v1_DescribeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_DescribeReply__Output>): grpc.ClientUnaryCall;
  describe(argument: _zonecast_router_v1_DescribeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_DescribeReply__Output>): grpc.ClientUnaryCall;
  describe(argument: _zonecast_router_v1_DescribeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_DescribeReply__Output>): grpc.ClientUnaryCall;
  describe(argument: _zonecast_router_v1_DescribeRequest, callback: grpc.requestCallback<_zonecast_router_v1_DescribeReply__Output>): grpc.ClientUnaryCall;
  
  Detach(argument: _zonecast_router_v1_DetachRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Detach(argument: _zonecast_router_v1_DetachRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Detach(argument: _zonecast_router_v1_DetachRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Detach(argument: _zonecast_router_v1_DetachRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  detach(argument: _zonecast_router_v1_DetachRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  detach(argument: _zonecast_router_v1_DetachRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  detach(argument: _zonecast_router_v1_DetachRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  detach(argument: _zonecast_router_v1_DetachRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  Events(argument: _zonecast_router_v1_EventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_zonecast_router_v1_Event__Output>;
  Events(argument: _zonecast_router_v1_EventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_zonecast_router_v1_Event__Output>;
  events(argument: _zonecast_router_v1_EventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_zonecast_router_v1_Event__Output>;
  events(argument: _zonecast_router_v1_EventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_zonecast_router_v1_Event__Output>;
  
  Join(argument: _zonecast_router_v1_JoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_JoinReply__Output>): grpc.ClientUnaryCall;
  Join(argument: _zonecast_router_v1_JoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_JoinReply__Output>): grpc.ClientUnaryCall;
  Join(argument: _zonecast_router_v1_JoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_JoinReply__Output>): grpc.ClientUnaryCall;
  Join(argument: _zonecast_router_v1_JoinRequest, callback: grpc.requestCallback<_zonecast_router_v1_JoinReply__Output>): grpc.ClientUnaryCall;
  join(argument: _zonecast_router_v1_JoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_JoinReply__Output>): grpc.ClientUnaryCall;
  join(argument: _zonecast_router_v1_JoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_JoinReply__Output>): grpc.ClientUnaryCall;
  join(argument: _zonecast_router_v1_JoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_JoinReply__Output>): grpc.ClientUnaryCall;
  join(argument: _zonecast_router_v1_JoinRequest, callback: grpc.requestCallback<_zonecast_router_v1_JoinReply__Output>): grpc.ClientUnaryCall;
  
  Leave(argument: _zonecast_router_v1_LeaveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Leave(argument: _zonecast_router_v1_LeaveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Leave(argument: _zonecast_router_v1_LeaveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  Leave(argument: _zonecast_router_v1_LeaveRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  leave(argument: _zonecast_router_v1_LeaveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  leave(argument: _zonecast_router_v1_LeaveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  leave(argument: _zonecast_router_v1_LeaveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  leave(argument: _zonecast_router_v1_LeaveRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  OpenConnection(argument: _zonecast_router_v1_OpenConnectionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_OpenConnectionReply__Output>): grpc.ClientUnaryCall;
  OpenConnection(argument: _zonecast_router_v1_OpenConnectionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_OpenConnectionReply__Output>): grpc.ClientUnaryCall;
  OpenConnection(argument: _zonecast_router_v1_OpenConnectionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_OpenConnectionReply__Output>): grpc.ClientUnaryCall;
  OpenConnection(argument: _zonecast_router_v1_OpenConnectionRequest, callback: grpc.requestCallback<_zonecast_router_v1_OpenConnectionReply__Output>): grpc.ClientUnaryCall;
  openConnection(argument: _zonecast_router_v1_OpenConnectionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_OpenConnectionReply__Output>): grpc.ClientUnaryCall;
  openConnection(argument: _zonecast_router_v1_OpenConnectionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_OpenConnectionReply__Output>): grpc.ClientUnaryCall;
  openConnection(argument: _zonecast_router_v1_OpenConnectionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_OpenConnectionReply__Output>): grpc.ClientUnaryCall;
  openConnection(argument: _zonecast_router_v1_OpenConnectionRequest, callback: grpc.requestCallback<_zonecast_router_v1_OpenConnectionReply__Output>): grpc.ClientUnaryCall;
  
  Renegotiate(argument: _zonecast_router_v1_RenegotiateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_RenegotiateReply__Output>): grpc.ClientUnaryCall;
  Renegotiate(argument: _zonecast_router_v1_RenegotiateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_RenegotiateReply__Output>): grpc.ClientUnaryCall;
  Renegotiate(argument: _zonecast_router_v1_RenegotiateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_RenegotiateReply__Output>): grpc.ClientUnaryCall;
  Renegotiate(argument: _zonecast_router_v1_RenegotiateRequest, callback: grpc.requestCallback<_zonecast_router_v1_RenegotiateReply__Output>): grpc.ClientUnaryCall;
  renegotiate(argument: _zonecast_router_v1_RenegotiateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_RenegotiateReply__Output>): grpc.ClientUnaryCall;
  renegotiate(argument: _zonecast_router_v1_RenegotiateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_RenegotiateReply__Output>): grpc.ClientUnaryCall;
  renegotiate(argument: _zonecast_router_v1_RenegotiateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_RenegotiateReply__Output>): grpc.ClientUnaryCall;
  renegotiate(argument: _zonecast_router_v1_RenegotiateRequest, callback: grpc.requestCallback<_zonecast_router_v1_RenegotiateReply__Output>): grpc.ClientUnaryCall;
  
  SetMute(argument: _zonecast_router_v1_SetMuteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetMute(argument: _zonecast_router_v1_SetMuteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetMute(argument: _zonecast_router_v1_SetMuteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetMute(argument: _zonecast_router_v1_SetMuteRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setMute(argument: _zonecast_router_v1_SetMuteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setMute(argument: _zonecast_router_v1_SetMuteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setMute(argument: _zonecast_router_v1_SetMuteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setMute(argument: _zonecast_router_v1_SetMuteRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  SetProbes(argument: _zonecast_router_v1_SetProbesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_SetProbesReply__Output>): grpc.ClientUnaryCall;
  SetProbes(argument: _zonecast_router_v1_SetProbesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_SetProbesReply__Output>): grpc.ClientUnaryCall;
  SetProbes(argument: _zonecast_router_v1_SetProbesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_SetProbesReply__Output>): grpc.ClientUnaryCall;
  SetProbes(argument: _zonecast_router_v1_SetProbesRequest, callback: grpc.requestCallback<_zonecast_router_v1_SetProbesReply__Output>): grpc.ClientUnaryCall;
  setProbes(argument: _zonecast_router_v1_SetProbesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_SetProbesReply__Output>): grpc.ClientUnaryCall;
  setProbes(argument: _zonecast_router_v1_SetProbesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_SetProbesReply__Output>): grpc.ClientUnaryCall;
  setProbes(argument: _zonecast_router_v1_SetProbesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_SetProbesReply__Output>): grpc.ClientUnaryCall;
  setProbes(argument: _zonecast_router_v1_SetProbesRequest, callback: grpc.requestCallback<_zonecast_router_v1_SetProbesReply__Output>): grpc.ClientUnaryCall;
  
  SetTree(argument: _zonecast_router_v1_SetTreeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetTree(argument: _zonecast_router_v1_SetTreeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetTree(argument: _zonecast_router_v1_SetTreeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetTree(argument: _zonecast_router_v1_SetTreeRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setTree(argument: _zonecast_router_v1_SetTreeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setTree(argument: _zonecast_router_v1_SetTreeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setTree(argument: _zonecast_router_v1_SetTreeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setTree(argument: _zonecast_router_v1_SetTreeRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  SetView(argument: _zonecast_router_v1_SetViewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetView(argument: _zonecast_router_v1_SetViewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetView(argument: _zonecast_router_v1_SetViewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetView(argument: _zonecast_router_v1_SetViewRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setView(argument: _zonecast_router_v1_SetViewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setView(argument: _zonecast_router_v1_SetViewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setView(argument: _zonecast_router_v1_SetViewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setView(argument: _zonecast_router_v1_SetViewRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  SetZoneLinks(argument: _zonecast_router_v1_SetZoneLinksRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetZoneLinks(argument: _zonecast_router_v1_SetZoneLinksRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetZoneLinks(argument: _zonecast_router_v1_SetZoneLinksRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetZoneLinks(argument: _zonecast_router_v1_SetZoneLinksRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setZoneLinks(argument: _zonecast_router_v1_SetZoneLinksRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setZoneLinks(argument: _zonecast_router_v1_SetZoneLinksRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setZoneLinks(argument: _zonecast_router_v1_SetZoneLinksRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setZoneLinks(argument: _zonecast_router_v1_SetZoneLinksRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  SetZones(argument: _zonecast_router_v1_SetZonesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetZones(argument: _zonecast_router_v1_SetZonesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetZones(argument: _zonecast_router_v1_SetZonesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SetZones(argument: _zonecast_router_v1_SetZonesRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setZones(argument: _zonecast_router_v1_SetZonesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setZones(argument: _zonecast_router_v1_SetZonesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setZones(argument: _zonecast_router_v1_SetZonesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  setZones(argument: _zonecast_router_v1_SetZonesRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  SettleConnection(argument: _zonecast_router_v1_SettleConnectionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SettleConnection(argument: _zonecast_router_v1_SettleConnectionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SettleConnection(argument: _zonecast_router_v1_SettleConnectionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  SettleConnection(argument: _zonecast_router_v1_SettleConnectionRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  settleConnection(argument: _zonecast_router_v1_SettleConnectionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  settleConnection(argument: _zonecast_router_v1_SettleConnectionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  settleConnection(argument: _zonecast_router_v1_SettleConnectionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  settleConnection(argument: _zonecast_router_v1_SettleConnectionRequest, callback: grpc.requestCallback<_zonecast_router_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  Statistics(argument: _zonecast_router_v1_StatisticsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_StatisticsReply__Output>): grpc.ClientUnaryCall;
  Statistics(argument: _zonecast_router_v1_StatisticsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_StatisticsReply__Output>): grpc.ClientUnaryCall;
  Statistics(argument: _zonecast_router_v1_StatisticsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_StatisticsReply__Output>): grpc.ClientUnaryCall;
  Statistics(argument: _zonecast_router_v1_StatisticsRequest, callback: grpc.requestCallback<_zonecast_router_v1_StatisticsReply__Output>): grpc.ClientUnaryCall;
  statistics(argument: _zonecast_router_v1_StatisticsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_StatisticsReply__Output>): grpc.ClientUnaryCall;
  statistics(argument: _zonecast_router_v1_StatisticsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_router_v1_StatisticsReply__Output>): grpc.ClientUnaryCall;
  statistics(argument: _zonecast_router_v1_StatisticsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_router_v1_StatisticsReply__Output>): grpc.ClientUnaryCall;
  statistics(argument: _zonecast_router_v1_StatisticsRequest, callback: grpc.requestCallback<_zonecast_router_v1_StatisticsReply__Output>): grpc.ClientUnaryCall;
  
}

export interface RouterHandlers extends grpc.UntypedServiceImplementation {
  Act: grpc.handleUnaryCall<_zonecast_router_v1_ActRequest__Output, _zonecast_router_v1_Empty>;
  
  Attach: grpc.handleUnaryCall<_zonecast_router_v1_AttachRequest__Output, _zonecast_router_v1_Empty>;
  
  CloseMeeting: grpc.handleUnaryCall<_zonecast_router_v1_CloseMeetingRequest__Output, _zonecast_router_v1_Empty>;
  
  Describe: grpc.handleUnaryCall<_zonecast_router_v1_DescribeRequest__Output, _zonecast_router_v1_DescribeReply>;
  
  Detach: grpc.handleUnaryCall<_zonecast_router_v1_DetachRequest__Output, _zonecast_router_v1_Empty>;
  
  Events: grpc.handleServerStreamingCall<_zonecast_router_v1_EventsRequest__Output, _zonecast_router_v1_Event>;
  
  Join: grpc.handleUnaryCall<_zonecast_router_v1_JoinRequest__Output, _zonecast_router_v1_JoinReply>;
  
  Leave: grpc.handleUnaryCall<_zonecast_router_v1_LeaveRequest__Output, _zonecast_router_v1_Empty>;
  
  OpenConnection: grpc.handleUnaryCall<_zonecast_router_v1_OpenConnectionRequest__Output, _zonecast_router_v1_OpenConnectionReply>;
  
  Renegotiate: grpc.handleUnaryCall<_zonecast_router_v1_RenegotiateRequest__Output, _zonecast_router_v1_RenegotiateReply>;
  
  SetMute: grpc.handleUnaryCall<_zonecast_router_v1_SetMuteRequest__Output, _zonecast_router_v1_Empty>;
  
  SetProbes: grpc.handleUnaryCall<_zonecast_router_v1_SetProbesRequest__Output, _zonecast_router_v1_SetProbesReply>;
  
  SetTree: grpc.handleUnaryCall<_zonecast_router_v1_SetTreeRequest__Output, _zonecast_router_v1_Empty>;
  
  SetView: grpc.handleUnaryCall<_zonecast_router_v1_SetViewRequest__Output, _zonecast_router_v1_Empty>;
  
  SetZoneLinks: grpc.handleUnaryCall<_zonecast_router_v1_SetZoneLinksRequest__Output, _zonecast_router_v1_Empty>;
  
  SetZones: grpc.handleUnaryCall<_zonecast_router_v1_SetZonesRequest__Output, _zonecast_router_v1_Empty>;
  
  SettleConnection: grpc.handleUnaryCall<_zonecast_router_v1_SettleConnectionRequest__Output, _zonecast_router_v1_Empty>;
  
  Statistics: grpc.handleUnaryCall<_zonecast_router_v1_StatisticsRequest__Output, _zonecast_router_v1_StatisticsReply>;
  
}

export interface RouterDefinition extends grpc.ServiceDefinition {
  Act: MethodDefinition<_zonecast_router_v1_ActRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_ActRequest__Output, _zonecast_router_v1_Empty__Output>
  Attach: MethodDefinition<_zonecast_router_v1_AttachRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_AttachRequest__Output, _zonecast_router_v1_Empty__Output>
  CloseMeeting: MethodDefinition<_zonecast_router_v1_CloseMeetingRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_CloseMeetingRequest__Output, _zonecast_router_v1_Empty__Output>
  Describe: MethodDefinition<_zonecast_router_v1_DescribeRequest, _zonecast_router_v1_DescribeReply, _zonecast_router_v1_DescribeRequest__Output, _zonecast_router_v1_DescribeReply__Output>
  Detach: MethodDefinition<_zonecast_router_v1_DetachRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_DetachRequest__Output, _zonecast_router_v1_Empty__Output>
  Events: MethodDefinition<_zonecast_router_v1_EventsRequest, _zonecast_router_v1_Event, _zonecast_router_v1_EventsRequest__Output, _zonecast_router_v1_Event__Output>
  Join: MethodDefinition<_zonecast_router_v1_JoinRequest, _zonecast_router_v1_JoinReply, _zonecast_router_v1_JoinRequest__Output, _zonecast_router_v1_JoinReply__Output>
  Leave: MethodDefinition<_zonecast_router_v1_LeaveRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_LeaveRequest__Output, _zonecast_router_v1_Empty__Output>
  OpenConnection: MethodDefinition<_zonecast_router_v1_OpenConnectionRequest, _zonecast_router_v1_OpenConnectionReply, _zonecast_router_v1_OpenConnectionRequest__Output, _zonecast_router_v1_OpenConnectionReply__Output>
  Renegotiate: MethodDefinition<_zonecast_router_v1_RenegotiateRequest, _zonecast_router_v1_RenegotiateReply, _zonecast_router_v1_RenegotiateRequest__Output, _zonecast_router_v1_RenegotiateReply__Output>
  SetMute: MethodDefinition<_zonecast_router_v1_SetMuteRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_SetMuteRequest__Output, _zonecast_router_v1_Empty__Output>
  SetProbes: MethodDefinition<_zonecast_router_v1_SetProbesRequest, _zonecast_router_v1_SetProbesReply, _zonecast_router_v1_SetProbesRequest__Output, _zonecast_router_v1_SetProbesReply__Output>
  SetTree: MethodDefinition<_zonecast_router_v1_SetTreeRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_SetTreeRequest__Output, _zonecast_router_v1_Empty__Output>
  SetView: MethodDefinition<_zonecast_router_v1_SetViewRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_SetViewRequest__Output, _zonecast_router_v1_Empty__Output>
  SetZoneLinks: MethodDefinition<_zonecast_router_v1_SetZoneLinksRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_SetZoneLinksRequest__Output, _zonecast_router_v1_Empty__Output>
  SetZones: MethodDefinition<_zonecast_router_v1_SetZonesRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_SetZonesRequest__Output, _zonecast_router_v1_Empty__Output>
  SettleConnection: MethodDefinition<_zonecast_router_v1_SettleConnectionRequest, _zonecast_router_v1_Empty, _zonecast_router_v1_SettleConnectionRequest__Output, _zonecast_router_v1_Empty__Output>
  Statistics: MethodDefinition<_zonecast_router_v1_StatisticsRequest, _zonecast_router_v1_StatisticsReply, _zonecast_router_v1_StatisticsRequest__Output, _zonecast_router_v1_StatisticsReply__Output>
}
