import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AdminClient as _zonecast_admin_v1_AdminClient, AdminDefinition as _zonecast_admin_v1_AdminDefinition } from './zonecast/admin/v1/Admin.ts';
import type { Controller as _zonecast_admin_v1_Controller, Controller__Output as _zonecast_admin_v1_Controller__Output } from './zonecast/admin/v1/Controller.ts';
import type { Drain as _zonecast_admin_v1_Drain, Drain__Output as _zonecast_admin_v1_Drain__Output } from './zonecast/admin/v1/Drain.ts';
import type { DrainProgress as _zonecast_admin_v1_DrainProgress, DrainProgress__Output as _zonecast_admin_v1_DrainProgress__Output } from './zonecast/admin/v1/DrainProgress.ts';
import type { DrainRequest as _zonecast_admin_v1_DrainRequest, DrainRequest__Output as _zonecast_admin_v1_DrainRequest__Output } from './zonecast/admin/v1/DrainRequest.ts';
import type { DrainTunnelReply as _zonecast_admin_v1_DrainTunnelReply, DrainTunnelReply__Output as _zonecast_admin_v1_DrainTunnelReply__Output } from './zonecast/admin/v1/DrainTunnelReply.ts';
import type { DrainTunnelRequest as _zonecast_admin_v1_DrainTunnelRequest, DrainTunnelRequest__Output as _zonecast_admin_v1_DrainTunnelRequest__Output } from './zonecast/admin/v1/DrainTunnelRequest.ts';
import type { ExplainRequest as _zonecast_admin_v1_ExplainRequest, ExplainRequest__Output as _zonecast_admin_v1_ExplainRequest__Output } from './zonecast/admin/v1/ExplainRequest.ts';
import type { Explanation as _zonecast_admin_v1_Explanation, Explanation__Output as _zonecast_admin_v1_Explanation__Output } from './zonecast/admin/v1/Explanation.ts';
import type { KickReply as _zonecast_admin_v1_KickReply, KickReply__Output as _zonecast_admin_v1_KickReply__Output } from './zonecast/admin/v1/KickReply.ts';
import type { KickRequest as _zonecast_admin_v1_KickRequest, KickRequest__Output as _zonecast_admin_v1_KickRequest__Output } from './zonecast/admin/v1/KickRequest.ts';
import type { ListMeetingsReply as _zonecast_admin_v1_ListMeetingsReply, ListMeetingsReply__Output as _zonecast_admin_v1_ListMeetingsReply__Output } from './zonecast/admin/v1/ListMeetingsReply.ts';
import type { ListMeetingsRequest as _zonecast_admin_v1_ListMeetingsRequest, ListMeetingsRequest__Output as _zonecast_admin_v1_ListMeetingsRequest__Output } from './zonecast/admin/v1/ListMeetingsRequest.ts';
import type { ListParticipantsReply as _zonecast_admin_v1_ListParticipantsReply, ListParticipantsReply__Output as _zonecast_admin_v1_ListParticipantsReply__Output } from './zonecast/admin/v1/ListParticipantsReply.ts';
import type { ListParticipantsRequest as _zonecast_admin_v1_ListParticipantsRequest, ListParticipantsRequest__Output as _zonecast_admin_v1_ListParticipantsRequest__Output } from './zonecast/admin/v1/ListParticipantsRequest.ts';
import type { ListRoutersReply as _zonecast_admin_v1_ListRoutersReply, ListRoutersReply__Output as _zonecast_admin_v1_ListRoutersReply__Output } from './zonecast/admin/v1/ListRoutersReply.ts';
import type { ListRoutersRequest as _zonecast_admin_v1_ListRoutersRequest, ListRoutersRequest__Output as _zonecast_admin_v1_ListRoutersRequest__Output } from './zonecast/admin/v1/ListRoutersRequest.ts';
import type { ListTunnelsReply as _zonecast_admin_v1_ListTunnelsReply, ListTunnelsReply__Output as _zonecast_admin_v1_ListTunnelsReply__Output } from './zonecast/admin/v1/ListTunnelsReply.ts';
import type { ListTunnelsRequest as _zonecast_admin_v1_ListTunnelsRequest, ListTunnelsRequest__Output as _zonecast_admin_v1_ListTunnelsRequest__Output } from './zonecast/admin/v1/ListTunnelsRequest.ts';
import type { Meeting as _zonecast_admin_v1_Meeting, Meeting__Output as _zonecast_admin_v1_Meeting__Output } from './zonecast/admin/v1/Meeting.ts';
import type { MoveReply as _zonecast_admin_v1_MoveReply, MoveReply__Output as _zonecast_admin_v1_MoveReply__Output } from './zonecast/admin/v1/MoveReply.ts';
import type { MoveRequest as _zonecast_admin_v1_MoveRequest, MoveRequest__Output as _zonecast_admin_v1_MoveRequest__Output } from './zonecast/admin/v1/MoveRequest.ts';
import type { NewMeeting as _zonecast_admin_v1_NewMeeting, NewMeeting__Output as _zonecast_admin_v1_NewMeeting__Output } from './zonecast/admin/v1/NewMeeting.ts';
import type { Participant as _zonecast_admin_v1_Participant, Participant__Output as _zonecast_admin_v1_Participant__Output } from './zonecast/admin/v1/Participant.ts';
import type { Place as _zonecast_admin_v1_Place, Place__Output as _zonecast_admin_v1_Place__Output } from './zonecast/admin/v1/Place.ts';
import type { Registry as _zonecast_admin_v1_Registry, Registry__Output as _zonecast_admin_v1_Registry__Output } from './zonecast/admin/v1/Registry.ts';
import type { Router as _zonecast_admin_v1_Router, Router__Output as _zonecast_admin_v1_Router__Output } from './zonecast/admin/v1/Router.ts';
import type { StatusReply as _zonecast_admin_v1_StatusReply, StatusReply__Output as _zonecast_admin_v1_StatusReply__Output } from './zonecast/admin/v1/StatusReply.ts';
import type { StatusRequest as _zonecast_admin_v1_StatusRequest, StatusRequest__Output as _zonecast_admin_v1_StatusRequest__Output } from './zonecast/admin/v1/StatusRequest.ts';
import type { StuckMeeting as _zonecast_admin_v1_StuckMeeting, StuckMeeting__Output as _zonecast_admin_v1_StuckMeeting__Output } from './zonecast/admin/v1/StuckMeeting.ts';
import type { Totals as _zonecast_admin_v1_Totals, Totals__Output as _zonecast_admin_v1_Totals__Output } from './zonecast/admin/v1/Totals.ts';
import type { Tunnel as _zonecast_admin_v1_Tunnel, Tunnel__Output as _zonecast_admin_v1_Tunnel__Output } from './zonecast/admin/v1/Tunnel.ts';
import type { TunnelDrain as _zonecast_admin_v1_TunnelDrain, TunnelDrain__Output as _zonecast_admin_v1_TunnelDrain__Output } from './zonecast/admin/v1/TunnelDrain.ts';
import type { UndrainReply as _zonecast_admin_v1_UndrainReply, UndrainReply__Output as _zonecast_admin_v1_UndrainReply__Output } from './zonecast/admin/v1/UndrainReply.ts';
import type { UndrainRequest as _zonecast_admin_v1_UndrainRequest, UndrainRequest__Output as _zonecast_admin_v1_UndrainRequest__Output } from './zonecast/admin/v1/UndrainRequest.ts';
import type { UndrainTunnelReply as _zonecast_admin_v1_UndrainTunnelReply, UndrainTunnelReply__Output as _zonecast_admin_v1_UndrainTunnelReply__Output } from './zonecast/admin/v1/UndrainTunnelReply.ts';
import type { UndrainTunnelRequest as _zonecast_admin_v1_UndrainTunnelRequest, UndrainTunnelRequest__Output as _zonecast_admin_v1_UndrainTunnelRequest__Output } from './zonecast/admin/v1/UndrainTunnelRequest.ts';
import type { Verdict as _zonecast_admin_v1_Verdict, Verdict__Output as _zonecast_admin_v1_Verdict__Output } from './zonecast/admin/v1/Verdict.ts';
import type { Worker as _zonecast_admin_v1_Worker, Worker__Output as _zonecast_admin_v1_Worker__Output } from './zonecast/admin/v1/Worker.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zonecast: {
    admin: {
      v1: {
        Admin: SubtypeConstructor<typeof grpc.Client, _zonecast_admin_v1_AdminClient> & { service: _zonecast_admin_v1_AdminDefinition }
        Controller: MessageTypeDefinition<_zonecast_admin_v1_Controller, _zonecast_admin_v1_Controller__Output>
        Drain: MessageTypeDefinition<_zonecast_admin_v1_Drain, _zonecast_admin_v1_Drain__Output>
        DrainProgress: MessageTypeDefinition<_zonecast_admin_v1_DrainProgress, _zonecast_admin_v1_DrainProgress__Output>
        DrainRequest: MessageTypeDefinition<_zonecast_admin_v1_DrainRequest, _zonecast_admin_v1_DrainRequest__Output>
        DrainTunnelReply: MessageTypeDefinition<_zonecast_admin_v1_DrainTunnelReply, _zonecast_admin_v1_DrainTunnelReply__Output>
        DrainTunnelRequest: MessageTypeDefinition<_zonecast_admin_v1_DrainTunnelRequest, _zonecast_admin_v1_DrainTunnelRequest__Output>
        ExplainRequest: MessageTypeDefinition<_zonecast_admin_v1_ExplainRequest, _zonecast_admin_v1_ExplainRequest__Output>
        Explanation: MessageTypeDefinition<_zonecast_admin_v1_Explanation, _zonecast_admin_v1_Explanation__Output>
        KickReply: MessageTypeDefinition<_zonecast_admin_v1_KickReply, _zonecast_admin_v1_KickReply__Output>
        KickRequest: MessageTypeDefinition<_zonecast_admin_v1_KickRequest, _zonecast_admin_v1_KickRequest__Output>
        ListMeetingsReply: MessageTypeDefinition<_zonecast_admin_v1_ListMeetingsReply, _zonecast_admin_v1_ListMeetingsReply__Output>
        ListMeetingsRequest: MessageTypeDefinition<_zonecast_admin_v1_ListMeetingsRequest, _zonecast_admin_v1_ListMeetingsRequest__Output>
        ListParticipantsReply: MessageTypeDefinition<_zonecast_admin_v1_ListParticipantsReply, _zonecast_admin_v1_ListParticipantsReply__Output>
        ListParticipantsRequest: MessageTypeDefinition<_zonecast_admin_v1_ListParticipantsRequest, _zonecast_admin_v1_ListParticipantsRequest__Output>
        ListRoutersReply: MessageTypeDefinition<_zonecast_admin_v1_ListRoutersReply, _zonecast_admin_v1_ListRoutersReply__Output>
        ListRoutersRequest: MessageTypeDefinition<_zonecast_admin_v1_ListRoutersRequest, _zonecast_admin_v1_ListRoutersRequest__Output>
        ListTunnelsReply: MessageTypeDefinition<_zonecast_admin_v1_ListTunnelsReply, _zonecast_admin_v1_ListTunnelsReply__Output>
        ListTunnelsRequest: MessageTypeDefinition<_zonecast_admin_v1_ListTunnelsRequest, _zonecast_admin_v1_ListTunnelsRequest__Output>
        Meeting: MessageTypeDefinition<_zonecast_admin_v1_Meeting, _zonecast_admin_v1_Meeting__Output>
        MoveReply: MessageTypeDefinition<_zonecast_admin_v1_MoveReply, _zonecast_admin_v1_MoveReply__Output>
        MoveRequest: MessageTypeDefinition<_zonecast_admin_v1_MoveRequest, _zonecast_admin_v1_MoveRequest__Output>
        NewMeeting: MessageTypeDefinition<_zonecast_admin_v1_NewMeeting, _zonecast_admin_v1_NewMeeting__Output>
        Participant: MessageTypeDefinition<_zonecast_admin_v1_Participant, _zonecast_admin_v1_Participant__Output>
        Place: MessageTypeDefinition<_zonecast_admin_v1_Place, _zonecast_admin_v1_Place__Output>
        Registry: MessageTypeDefinition<_zonecast_admin_v1_Registry, _zonecast_admin_v1_Registry__Output>
        Router: MessageTypeDefinition<_zonecast_admin_v1_Router, _zonecast_admin_v1_Router__Output>
        StatusReply: MessageTypeDefinition<_zonecast_admin_v1_StatusReply, _zonecast_admin_v1_StatusReply__Output>
        StatusRequest: MessageTypeDefinition<_zonecast_admin_v1_StatusRequest, _zonecast_admin_v1_StatusRequest__Output>
        StuckMeeting: MessageTypeDefinition<_zonecast_admin_v1_StuckMeeting, _zonecast_admin_v1_StuckMeeting__Output>
        Totals: MessageTypeDefinition<_zonecast_admin_v1_Totals, _zonecast_admin_v1_Totals__Output>
        Tunnel: MessageTypeDefinition<_zonecast_admin_v1_Tunnel, _zonecast_admin_v1_Tunnel__Output>
        TunnelDrain: MessageTypeDefinition<_zonecast_admin_v1_TunnelDrain, _zonecast_admin_v1_TunnelDrain__Output>
        UndrainReply: MessageTypeDefinition<_zonecast_admin_v1_UndrainReply, _zonecast_admin_v1_UndrainReply__Output>
        UndrainRequest: MessageTypeDefinition<_zonecast_admin_v1_UndrainRequest, _zonecast_admin_v1_UndrainRequest__Output>
        UndrainTunnelReply: MessageTypeDefinition<_zonecast_admin_v1_UndrainTunnelReply, _zonecast_admin_v1_UndrainTunnelReply__Output>
        UndrainTunnelRequest: MessageTypeDefinition<_zonecast_admin_v1_UndrainTunnelRequest, _zonecast_admin_v1_UndrainTunnelRequest__Output>
        Verdict: MessageTypeDefinition<_zonecast_admin_v1_Verdict, _zonecast_admin_v1_Verdict__Output>
        Worker: MessageTypeDefinition<_zonecast_admin_v1_Worker, _zonecast_admin_v1_Worker__Output>
      }
    }
  }
}

