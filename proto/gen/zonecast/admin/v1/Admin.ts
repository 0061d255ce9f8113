// Original file: proto/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DrainProgress as _zonecast_admin_v1_DrainProgress, DrainProgress__Output as _zonecast_admin_v1_DrainProgress__Output } from '../../../zonecast/admin/v1/DrainProgress.ts';
import type { DrainRequest as _zonecast_admin_v1_DrainRequest, DrainRequest__Output as _zonecast_admin_v1_DrainRequest__Output } from '../../../zonecast/admin/v1/DrainRequest.ts';
import type { DrainTunnelReply as _zonecast_admin_v1_DrainTunnelReply, DrainTunnelReply__Output as _zonecast_admin_v1_DrainTunnelReply__Output } from '../../../zonecast/admin/v1/DrainTunnelReply.ts';
import type { DrainTunnelRequest as _zonecast_admin_v1_DrainTunnelRequest, DrainTunnelRequest__Output as _zonecast_admin_v1_DrainTunnelRequest__Output } from '../../../zonecast/admin/v1/DrainTunnelRequest.ts';
import type { ExplainRequest as _zonecast_admin_v1_ExplainRequest, ExplainRequest__Output as _zonecast_admin_v1_ExplainRequest__Output } from '../../../zonecast/admin/v1/ExplainRequest.ts';
import type { Explanation as _zonecast_admin_v1_Explanation, Explanation__Output as _zonecast_admin_v1_Explanation__Output } from '../../../zonecast/admin/v1/Explanation.ts';
import type { KickReply as _zonecast_admin_v1_KickReply, KickReply__Output as _zonecast_admin_v1_KickReply__Output } from '../../../zonecast/admin/v1/KickReply.ts';
import type { KickRequest as _zonecast_admin_v1_KickRequest, KickRequest__Output as _zonecast_admin_v1_KickRequest__Output } from '../../../zonecast/admin/v1/KickRequest.ts';
import type { ListMeetingsReply as _zonecast_admin_v1_ListMeetingsReply, ListMeetingsReply__Output as _zonecast_admin_v1_ListMeetingsReply__Output } from '../../../zonecast/admin/v1/ListMeetingsReply.ts';
import type { ListMeetingsRequest as _zonecast_admin_v1_ListMeetingsRequest, ListMeetingsRequest__Output as _zonecast_admin_v1_ListMeetingsRequest__Output } from '../../../zonecast/admin/v1/ListMeetingsRequest.ts';
import type { ListParticipantsReply as _zonecast_admin_v1_ListParticipantsReply, ListParticipantsReply__Output as _zonecast_admin_v1_ListParticipantsReply__Output } from '../../../zonecast/admin/v1/ListParticipantsReply.ts';
import type { ListParticipantsRequest as _zonecast_admin_v1_ListParticipantsRequest, ListParticipantsRequest__Output as _zonecast_admin_v1_ListParticipantsRequest__Output } from '../../../zonecast/admin/v1/ListParticipantsRequest.ts';
import type { ListRoutersReply as _zonecast_admin_v1_ListRoutersReply, ListRoutersReply__Output as _zonecast_admin_v1_ListRoutersReply__Output } from '../../../zonecast/admin/v1/ListRoutersReply.ts';
import type { ListRoutersRequest as _zonecast_admin_v1_ListRoutersRequest, ListRoutersRequest__Output as _zonecast_admin_v1_ListRoutersRequest__Output } from '../../../zonecast/admin/v1/ListRoutersRequest.ts';
import type { ListTunnelsReply as _zonecast_admin_v1_ListTunnelsReply, ListTunnelsReply__Output as _zonecast_admin_v1_ListTunnelsReply__Output } from '../../../zonecast/admin/v1/ListTunnelsReply.ts';
import type { ListTunnelsRequest as _zonecast_admin_v1_ListTunnelsRequest, ListTunnelsRequest__Output as _zonecast_admin_v1_ListTunnelsRequest__Output } from '../../../zonecast/admin/v1/ListTunnelsRequest.ts';
import type { MoveReply as _zonecast_admin_v1_MoveReply, MoveReply__Output as _zonecast_admin_v1_MoveReply__Output } from '../../../zonecast/admin/v1/MoveReply.ts';
import type { MoveRequest as _zonecast_admin_v1_MoveRequest, MoveRequest__Output as _zonecast_admin_v1_MoveRequest__Output } from '../../../zonecast/admin/v1/MoveRequest.ts';
import type { StatusReply as _zonecast_admin_v1_StatusReply, StatusReply__Output as _zonecast_admin_v1_StatusReply__Output } from '../../../zonecast/admin/v1/StatusReply.ts';
import type { StatusRequest as _zonecast_admin_v1_StatusRequest, StatusRequest__Output as _zonecast_admin_v1_StatusRequest__Output } from '../../../zonecast/admin/v1/StatusRequest.ts';
import type { UndrainReply as _zonecast_admin_v1_UndrainReply, UndrainReply__Output as _zonecast_admin_v1_UndrainReply__Output } from '../../../zonecast/admin/v1/UndrainReply.ts';
import type { UndrainRequest as _zonecast_admin_v1_UndrainRequest, UndrainRequest__Output as _zonecast_admin_v1_UndrainRequest__Output } from '../../../zonecast/admin/v1/UndrainRequest.ts';
import type { UndrainTunnelReply as _zonecast_admin_v1_UndrainTunnelReply, UndrainTunnelReply__Output as _zonecast_admin_v1_UndrainTunnelReply__Output } from '../../../zonecast/admin/v1/UndrainTunnelReply.ts';
import type { UndrainTunnelRequest as _zonecast_admin_v1_UndrainTunnelRequest, UndrainTunnelRequest__Output as _zonecast_admin_v1_UndrainTunnelRequest__Output } from '../../../zonecast/admin/v1/UndrainTunnelRequest.ts';

export interface AdminClient extends grpc.Client {
  Drain(argument: _zonecast_admin_v1_DrainRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_zonecast_admin_v1_DrainProgress__Output>;
  Drain(argument: _zonecast_admin_v1_DrainRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_zonecast_admin_v1_DrainProgress__Output>;
  drain(argument: _zonecast_admin_v1_DrainRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_zonecast_admin_v1_DrainProgress__Output>;
  drain(argument: _zonecast_admin_v1_DrainRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_zonecast_admin_v1_DrainProgress__Output>;
  
  DrainTunnel(argument: _zonecast_admin_v1_DrainTunnelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_DrainTunnelReply__Output>): grpc.ClientUnaryCall;
  DrainTunnel(argument: _zonecast_admin_v1_DrainTunnelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_DrainTunnelReply__Output>): grpc.ClientUnaryCall;
  DrainTunnel(argument: _zonecast_admin_v1_DrainTunnelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_DrainTunnelReply__Output>): grpc.ClientUnaryCall;
  DrainTunnel(argument: _zonecast_admin_v1_DrainTunnelRequest, callback: grpc.requestCallback<_zonecast_admin_v1_DrainTunnelReply__Output>): grpc.ClientUnaryCall;
  drainTunnel(argument: _zonecast_admin_v1_DrainTunnelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_DrainTunnelReply__Output>): grpc.ClientUnaryCall;
  drainTunnel(argument: _zonecast_admin_v1_DrainTunnelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_DrainTunnelReply__Output>): grpc.ClientUnaryCall;
  drainTunnel(argument: _zonecast_admin_v1_DrainTunnelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_DrainTunnelReply__Output>): grpc.ClientUnaryCall;
  drainTunnel(argument: _zonecast_admin_v1_DrainTunnelRequest, callback: grpc.requestCallback<_zonecast_admin_v1_DrainTunnelReply__Output>): grpc.ClientUnaryCall;
  
  Explain(argument: _zonecast_admin_v1_ExplainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_Explanation__Output>): grpc.ClientUnaryCall;
  Explain(argument: _zonecast_admin_v1_ExplainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_Explanation__Output>): grpc.ClientUnaryCall;
  Explain(argument: _zonecast_admin_v1_ExplainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_Explanation__Output>): grpc.ClientUnaryCall;
  Explain(argument: _zonecast_admin_v1_ExplainRequest, callback: grpc.requestCallback<_zonecast_admin_v1_Explanation__Output>): grpc.ClientUnaryCall;
  explain(argument: _zonecast_admin_v1_ExplainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_Explanation__Output>): grpc.ClientUnaryCall;
  explain(argument: _zonecast_admin_v1_ExplainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_Explanation__Output>): grpc.ClientUnaryCall;
  explain(argument: _zonecast_admin_v1_ExplainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_Explanation__Output>): grpc.ClientUnaryCall;
  explain(argument: _zonecast_admin_v1_ExplainRequest, callback: grpc.requestCallback<_zonecast_admin_v1_Explanation__Output>): grpc.ClientUnaryCall;
  
  Kick(argument: _zonecast_admin_v1_KickRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_KickReply__Output>): grpc.ClientUnaryCall;
  Kick(argument: _zonecast_admin_v1_KickRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_KickReply__Output>): grpc.ClientUnaryCall;
  Kick(argument: _zonecast_admin_v1_KickRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_KickReply__Output>): grpc.ClientUnaryCall;
  Kick(argument: _zonecast_admin_v1_KickRequest, callback: grpc.requestCallback<_zonecast_admin_v1_KickReply__Output>): grpc.ClientUnaryCall;
  kick(argument: _zonecast_admin_v1_KickRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_KickReply__Output>): grpc.ClientUnaryCall;
  kick(argument: _zonecast_admin_v1_KickRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_KickReply__Output>): grpc.ClientUnaryCall;
  kick(argument: _zonecast_admin_v1_KickRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_KickReply__Output>): grpc.ClientUnaryCall;
  kick(argument: _zonecast_admin_v1_KickRequest, callback: grpc.requestCallback<_zonecast_admin_v1_KickReply__Output>): grpc.ClientUnaryCall;
  
  ListMeetings(argument: _zonecast_admin_v1_ListMeetingsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListMeetingsReply__Output>): grpc.ClientUnaryCall;
  ListMeetings(argument: _zonecast_admin_v1_ListMeetingsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_ListMeetingsReply__Output>): grpc.ClientUnaryCall;
  ListMeetings(argument: _zonecast_admin_v1_ListMeetingsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListMeetingsReply__Output>): grpc.ClientUnaryCall;
  ListMeetings(argument: _zonecast_admin_v1_ListMeetingsRequest, callback: grpc.requestCallback<_zonecast_admin_v1_ListMeetingsReply__Output>): grpc.ClientUnaryCall;
  listMeetings(argument: _zonecast_admin_v1_ListMeetingsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListMeetingsReply__Output>): grpc.ClientUnaryCall;
  listMeetings(argument: _zonecast_admin_v1_ListMeetingsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_ListMeetingsReply__Output>): grpc.ClientUnaryCall;
  listMeetings(argument: _zonecast_admin_v1_ListMeetingsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListMeetingsReply__Output>): grpc.ClientUnaryCall;
  listMeetings(argument: _zonecast_admin_v1_ListMeetingsRequest, callback: grpc.requestCallback<_zonecast_admin_v1_ListMeetingsReply__Output>): grpc.ClientUnaryCall;
  
  ListParticipants(argument: _zonecast_admin_v1_ListParticipantsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListParticipantsReply__Output>): grpc.ClientUnaryCall;
  ListParticipants(argument: _zonecast_admin_v1_ListParticipantsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_ListParticipantsReply__Output>): grpc.ClientUnaryCall;
  ListParticipants(argument: _zonecast_admin_v1_ListParticipantsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListParticipantsReply__Output>): grpc.ClientUnaryCall;
  ListParticipants(argument: _zonecast_admin_v1_ListParticipantsRequest, callback: grpc.requestCallback<_zonecast_admin_v1_ListParticipantsReply__Output>): grpc.ClientUnaryCall;
  listParticipants(argument: _zonecast_admin_v1_ListParticipantsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListParticipantsReply__Output>): grpc.ClientUnaryCall;
  listParticipants(argument: _zonecast_admin_v1_ListParticipantsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_ListParticipantsReply__Output>): grpc.ClientUnaryCall;
  listParticipants(argument: _zonecast_admin_v1_ListParticipantsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListParticipantsReply__Output>): grpc.ClientUnaryCall;
  listParticipants(argument: _zonecast_admin_v1_ListParticipantsRequest, callback: grpc.requestCallback<_zonecast_admin_v1_ListParticipantsReply__Output>): grpc.ClientUnaryCall;
  
  ListRouters(argument: _zonecast_admin_v1_ListRoutersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListRoutersReply__Output>): grpc.ClientUnaryCall;
  ListRouters(argument: _zonecast_admin_v1_ListRoutersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_ListRoutersReply__Output>): grpc.ClientUnaryCall;
  ListRouters(argument: _zonecast_admin_v1_ListRoutersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListRoutersReply__Output>): grpc.ClientUnaryCall;
  ListRouters(argument: _zonecast_admin_v1_ListRoutersRequest, callback: grpc.requestCallback<_zonecast_admin_v1_ListRoutersReply__Output>): grpc.ClientUnaryCall;
  listRouters(argument: _zonecast_admin_v1_ListRoutersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListRoutersReply__Output>): grpc.ClientUnaryCall;
  listRouters(argument: _zonecast_admin_v1_ListRoutersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_ListRoutersReply__Output>): grpc.ClientUnaryCall;
  listRouters(argument: _zonecast_admin_v1_ListRoutersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListRoutersReply__Output>): grpc.ClientUnaryCall;
  listRouters(argument: _zonecast_admin_v1_ListRoutersRequest, callback: grpc.requestCallback<_zonecast_admin_v1_ListRoutersReply__Output>): grpc.ClientUnaryCall;
  
  ListTunnels(argument: _zonecast_admin_v1_ListTunnelsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListTunnelsReply__Output>): grpc.ClientUnaryCall;
  ListTunnels(argument: _zonecast_admin_v1_ListTunnelsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_ListTunnelsReply__Output>): grpc.ClientUnaryCall;
  ListTunnels(argument: _zonecast_admin_v1_ListTunnelsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListTunnelsReply__Output>): grpc.ClientUnaryCall;
  ListTunnels(argument: _zonecast_admin_v1_ListTunnelsRequest, callback: grpc.requestCallback<_zonecast_admin_v1_ListTunnelsReply__Output>): grpc.ClientUnaryCall;
  listTunnels(argument: _zonecast_admin_v1_ListTunnelsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListTunnelsReply__Output>): grpc.ClientUnaryCall;
  listTunnels(argument: _zonecast_admin_v1_ListTunnelsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_ListTunnelsReply__Output>): grpc.ClientUnaryCall;
  listTunnels(argument: _zonecast_admin_v1_ListTunnelsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_ListTunnelsReply__Output>): grpc.ClientUnaryCall;
  listTunnels(argument: _zonecast_admin_v1_ListTunnelsRequest, callback: grpc.requestCallback<_zonecast_admin_v1_ListTunnelsReply__Output>): grpc.ClientUnaryCall;
  
  Move(argument: _zonecast_admin_v1_MoveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_MoveReply__Output>): grpc.ClientUnaryCall;
  Move(argument: _zonecast_admin_v1_MoveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_MoveReply__Output>): grpc.ClientUnaryCall;
  Move(argument: _zonecast_admin_v1_MoveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_MoveReply__Output>): grpc.ClientUnaryCall;
  Move(argument: _zonecast_admin_v1_MoveRequest, callback: grpc.requestCallback<_zonecast_admin_v1_MoveReply__Output>): grpc.ClientUnaryCall;
  move(argument: _zonecast_admin_v1_MoveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_MoveReply__Output>): grpc.ClientUnaryCall;
  move(argument: _zonecast_admin_v1_MoveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_MoveReply__Output>): grpc.ClientUnaryCall;
  move(argument: _zonecast_admin_v1_MoveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_MoveReply__Output>): grpc.ClientUnaryCall;
  move(argument: _zonecast_admin_v1_MoveRequest, callback: grpc.requestCallback<_zonecast_admin_v1_MoveReply__Output>): grpc.ClientUnaryCall;
  
  Status(argument: _zonecast_admin_v1_StatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_StatusReply__Output>): grpc.ClientUnaryCall;
  Status(argument: _zonecast_admin_v1_StatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_StatusReply__Output>): grpc.ClientUnaryCall;
  Status(argument: _zonecast_admin_v1_StatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_StatusReply__Output>): grpc.ClientUnaryCall;
  Status(argument: _zonecast_admin_v1_StatusRequest, callback: grpc.requestCallback<_zonecast_admin_v1_StatusReply__Output>): grpc.ClientUnaryCall;
  status(argument: _zonecast_admin_v1_StatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_StatusReply__Output>): grpc.ClientUnaryCall;
  status(argument: _zonecast_admin_v1_StatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_StatusReply__Output>): grpc.ClientUnaryCall;
  status(argument: _zonecast_admin_v1_StatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_StatusReply__Output>): grpc.ClientUnaryCall;
  status(argument: _zonecast_admin_v1_StatusRequest, callback: grpc.requestCallback<_zonecast_admin_v1_StatusReply__Output>): grpc.ClientUnaryCall;
  
  Undrain(argument: _zonecast_admin_v1_UndrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainReply__Output>): grpc.ClientUnaryCall;
  Undrain(argument: _zonecast_admin_v1_UndrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainReply__Output>): grpc.ClientUnaryCall;
  Undrain(argument: _zonecast_admin_v1_UndrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainReply__Output>): grpc.ClientUnaryCall;
  Undrain(argument: _zonecast_admin_v1_UndrainRequest, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainReply__Output>): grpc.ClientUnaryCall;
  undrain(argument: _zonecast_admin_v1_UndrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainReply__Output>): grpc.ClientUnaryCall;
  undrain(argument: _zonecast_admin_v1_UndrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainReply__Output>): grpc.ClientUnaryCall;
  undrain(argument: _zonecast_admin_v1_UndrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainReply__Output>): grpc.ClientUnaryCall;
  undrain(argument: _zonecast_admin_v1_UndrainRequest, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainReply__Output>): grpc.ClientUnaryCall;
  
  UndrainTunnel(argument: _zonecast_admin_v1_UndrainTunnelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainTunnelReply__Output>): grpc.ClientUnaryCall;
  UndrainTunnel(argument: _zonecast_admin_v1_UndrainTunnelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainTunnelReply__Output>): grpc.ClientUnaryCall;
  UndrainTunnel(argument: _zonecast_admin_v1_UndrainTunnelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainTunnelReply__Output>): grpc.ClientUnaryCall;
  UndrainTunnel(argument: _zonecast_admin_v1_UndrainTunnelRequest, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainTunnelReply__Output>): grpc.ClientUnaryCall;
  undrainTunnel(argument: _zonecast_admin_v1_UndrainTunnelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainTunnelReply__Output>): grpc.ClientUnaryCall;
  undrainTunnel(argument: _zonecast_admin_v1_UndrainTunnelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainTunnelReply__Output>): grpc.ClientUnaryCall;
  undrainTunnel(argument: _zonecast_admin_v1_UndrainTunnelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainTunnelReply__Output>): grpc.ClientUnaryCall;
  undrainTunnel(argument: _zonecast_admin_v1_UndrainTunnelRequest, callback: grpc.requestCallback<_zonecast_admin_v1_UndrainTunnelReply__Output>): grpc.ClientUnaryCall;
  
}

export interface AdminHandlers extends grpc.UntypedServiceImplementation {
  Drain: grpc.handleServerStreamingCall<_zonecast_admin_v1_DrainRequest__Output, _zonecast_admin_v1_DrainProgress>;
  
  DrainTunnel: grpc.handleUnaryCall<_zonecast_admin_v1_DrainTunnelRequest__Output, _zonecast_admin_v1_DrainTunnelReply>;
  
  Explain: grpc.handleUnaryCall<_zonecast_admin_v1_ExplainRequest__Output, _zonecast_admin_v1_Explanation>;
  
  Kick: grpc.handleUnaryCall<_zonecast_admin_v1_KickRequest__Output, _zonecast_admin_v1_KickReply>;
  
  ListMeetings: grpc.handleUnaryCall<_zonecast_admin_v1_ListMeetingsRequest__Output, _zonecast_admin_v1_ListMeetingsReply>;
  
  ListParticipants: grpc.handleUnaryCall<_zonecast_admin_v1_ListParticipantsRequest__Output, _zonecast_admin_v1_ListParticipantsReply>;
  
  ListRouters: grpc.handleUnaryCall<_zonecast_admin_v1_ListRoutersRequest__Output, _zonecast_admin_v1_ListRoutersReply>;
  
  ListTunnels: grpc.handleUnaryCall<_zonecast_admin_v1_ListTunnelsRequest__Output, _zonecast_admin_v1_ListTunnelsReply>;
  
  Move: grpc.handleUnaryCall<_zonecast_admin_v1_MoveRequest__Output, _zonecast_admin_v1_MoveReply>;
  
  Status: grpc.handleUnaryCall<_zonecast_admin_v1_StatusRequest__Output, _zonecast_admin_v1_StatusReply>;
  
  Undrain: grpc.handleUnaryCall<_zonecast_admin_v1_UndrainRequest__Output, _zonecast_admin_v1_UndrainReply>;
  
  UndrainTunnel: grpc.handleUnaryCall<_zonecast_admin_v1_UndrainTunnelRequest__Output, _zonecast_admin_v1_UndrainTunnelReply>;
  
}

export interface AdminDefinition extends grpc.ServiceDefinition {
  Drain: MethodDefinition<_zonecast_admin_v1_DrainRequest, _zonecast_admin_v1_DrainProgress, _zonecast_admin_v1_DrainRequest__Output, _zonecast_admin_v1_DrainProgress__Output>
  DrainTunnel: MethodDefinition<_zonecast_admin_v1_DrainTunnelRequest, _zonecast_admin_v1_DrainTunnelReply, _zonecast_admin_v1_DrainTunnelRequest__Output, _zonecast_admin_v1_DrainTunnelReply__Output>
  Explain: MethodDefinition<_zonecast_admin_v1_ExplainRequest, _zonecast_admin_v1_Explanation, _zonecast_admin_v1_ExplainRequest__Output, _zonecast_admin_v1_Explanation__Output>
  Kick: MethodDefinition<_zonecast_admin_v1_KickRequest, _zonecast_admin_v1_KickReply, _zonecast_admin_v1_KickRequest__Output, _zonecast_admin_v1_KickReply__Output>
  ListMeetings: MethodDefinition<_zonecast_admin_v1_ListMeetingsRequest, _zonecast_admin_v1_ListMeetingsReply, _zonecast_admin_v1_ListMeetingsRequest__Output, _zonecast_admin_v1_ListMeetingsReply__Output>
  ListParticipants: MethodDefinition<_zonecast_admin_v1_ListParticipantsRequest, _zonecast_admin_v1_ListParticipantsReply, _zonecast_admin_v1_ListParticipantsRequest__Output, _zonecast_admin_v1_ListParticipantsReply__Output>
  ListRouters: MethodDefinition<_zonecast_admin_v1_ListRoutersRequest, _zonecast_admin_v1_ListRoutersReply, _zonecast_admin_v1_ListRoutersRequest__Output, _zonecast_admin_v1_ListRoutersReply__Output>
  ListTunnels: MethodDefinition<_zonecast_admin_v1_ListTunnelsRequest, _zonecast_admin_v1_ListTunnelsReply, _zonecast_admin_v1_ListTunnelsRequest__Output, _zonecast_admin_v1_ListTunnelsReply__Output>
  Move: MethodDefinition<_zonecast_admin_v1_MoveRequest, _zonecast_admin_v1_MoveReply, _zonecast_admin_v1_MoveRequest__Output, _zonecast_admin_v1_MoveReply__Output>
  Status: MethodDefinition<_zonecast_admin_v1_StatusRequest, _zonecast_admin_v1_StatusReply, _zonecast_admin_v1_StatusRequest__Output, _zonecast_admin_v1_StatusReply__Output>
  Undrain: MethodDefinition<_zonecast_admin_v1_UndrainRequest, _zonecast_admin_v1_UndrainReply, _zonecast_admin_v1_UndrainRequest__Output, _zonecast_admin_v1_UndrainReply__Output>
  UndrainTunnel: MethodDefinition<_zonecast_admin_v1_UndrainTunnelRequest, _zonecast_admin_v1_UndrainTunnelReply, _zonecast_admin_v1_UndrainTunnelRequest__Output, _zonecast_admin_v1_UndrainTunnelReply__Output>
}
