import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ActRequest as _zonecast_router_v1_ActRequest, ActRequest__Output as _zonecast_router_v1_ActRequest__Output } from './zonecast/router/v1/ActRequest.ts';
import type { AttachRequest as _zonecast_router_v1_AttachRequest, AttachRequest__Output as _zonecast_router_v1_AttachRequest__Output } from './zonecast/router/v1/AttachRequest.ts';
import type { CloseMeetingRequest as _zonecast_router_v1_CloseMeetingRequest, CloseMeetingRequest__Output as _zonecast_router_v1_CloseMeetingRequest__Output } from './zonecast/router/v1/CloseMeetingRequest.ts';
import type { ConnectionQuality as _zonecast_router_v1_ConnectionQuality, ConnectionQuality__Output as _zonecast_router_v1_ConnectionQuality__Output } from './zonecast/router/v1/ConnectionQuality.ts';
import type { DescribeReply as _zonecast_router_v1_DescribeReply, DescribeReply__Output as _zonecast_router_v1_DescribeReply__Output } from './zonecast/router/v1/DescribeReply.ts';
import type { DescribeRequest as _zonecast_router_v1_DescribeRequest, DescribeRequest__Output as _zonecast_router_v1_DescribeRequest__Output } from './zonecast/router/v1/DescribeRequest.ts';
import type { DetachRequest as _zonecast_router_v1_DetachRequest, DetachRequest__Output as _zonecast_router_v1_DetachRequest__Output } from './zonecast/router/v1/DetachRequest.ts';
import type { Empty as _zonecast_router_v1_Empty, Empty__Output as _zonecast_router_v1_Empty__Output } from './zonecast/router/v1/Empty.ts';
import type { EncodingDemand as _zonecast_router_v1_EncodingDemand, EncodingDemand__Output as _zonecast_router_v1_EncodingDemand__Output } from './zonecast/router/v1/EncodingDemand.ts';
import type { EncodingsChanged as _zonecast_router_v1_EncodingsChanged, EncodingsChanged__Output as _zonecast_router_v1_EncodingsChanged__Output } from './zonecast/router/v1/EncodingsChanged.ts';
import type { Entry as _zonecast_router_v1_Entry, Entry__Output as _zonecast_router_v1_Entry__Output } from './zonecast/router/v1/Entry.ts';
import type { Event as _zonecast_router_v1_Event, Event__Output as _zonecast_router_v1_Event__Output } from './zonecast/router/v1/Event.ts';
import type { EventsRequest as _zonecast_router_v1_EventsRequest, EventsRequest__Output as _zonecast_router_v1_EventsRequest__Output } from './zonecast/router/v1/EventsRequest.ts';
import type { Home as _zonecast_router_v1_Home, Home__Output as _zonecast_router_v1_Home__Output } from './zonecast/router/v1/Home.ts';
import type { Homed as _zonecast_router_v1_Homed, Homed__Output as _zonecast_router_v1_Homed__Output } from './zonecast/router/v1/Homed.ts';
import type { JoinReply as _zonecast_router_v1_JoinReply, JoinReply__Output as _zonecast_router_v1_JoinReply__Output } from './zonecast/router/v1/JoinReply.ts';
import type { JoinRequest as _zonecast_router_v1_JoinRequest, JoinRequest__Output as _zonecast_router_v1_JoinRequest__Output } from './zonecast/router/v1/JoinRequest.ts';
import type { LeaveRequest as _zonecast_router_v1_LeaveRequest, LeaveRequest__Output as _zonecast_router_v1_LeaveRequest__Output } from './zonecast/router/v1/LeaveRequest.ts';
import type { Load as _zonecast_router_v1_Load, Load__Output as _zonecast_router_v1_Load__Output } from './zonecast/router/v1/Load.ts';
import type { MeetingDescription as _zonecast_router_v1_MeetingDescription, MeetingDescription__Output as _zonecast_router_v1_MeetingDescription__Output } from './zonecast/router/v1/MeetingDescription.ts';
import type { OpenConnectionReply as _zonecast_router_v1_OpenConnectionReply, OpenConnectionReply__Output as _zonecast_router_v1_OpenConnectionReply__Output } from './zonecast/router/v1/OpenConnectionReply.ts';
import type { OpenConnectionRequest as _zonecast_router_v1_OpenConnectionRequest, OpenConnectionRequest__Output as _zonecast_router_v1_OpenConnectionRequest__Output } from './zonecast/router/v1/OpenConnectionRequest.ts';
import type { ParticipantConnected as _zonecast_router_v1_ParticipantConnected, ParticipantConnected__Output as _zonecast_router_v1_ParticipantConnected__Output } from './zonecast/router/v1/ParticipantConnected.ts';
import type { ParticipantLeft as _zonecast_router_v1_ParticipantLeft, ParticipantLeft__Output as _zonecast_router_v1_ParticipantLeft__Output } from './zonecast/router/v1/ParticipantLeft.ts';
import type { PeopleReport as _zonecast_router_v1_PeopleReport, PeopleReport__Output as _zonecast_router_v1_PeopleReport__Output } from './zonecast/router/v1/PeopleReport.ts';
import type { PlacePeople as _zonecast_router_v1_PlacePeople, PlacePeople__Output as _zonecast_router_v1_PlacePeople__Output } from './zonecast/router/v1/PlacePeople.ts';
import type { ProbeCredential as _zonecast_router_v1_ProbeCredential, ProbeCredential__Output as _zonecast_router_v1_ProbeCredential__Output } from './zonecast/router/v1/ProbeCredential.ts';
import type { ProbeTarget as _zonecast_router_v1_ProbeTarget, ProbeTarget__Output as _zonecast_router_v1_ProbeTarget__Output } from './zonecast/router/v1/ProbeTarget.ts';
import type { QualityChanged as _zonecast_router_v1_QualityChanged, QualityChanged__Output as _zonecast_router_v1_QualityChanged__Output } from './zonecast/router/v1/QualityChanged.ts';
import type { RenegotiateReply as _zonecast_router_v1_RenegotiateReply, RenegotiateReply__Output as _zonecast_router_v1_RenegotiateReply__Output } from './zonecast/router/v1/RenegotiateReply.ts';
import type { RenegotiateRequest as _zonecast_router_v1_RenegotiateRequest, RenegotiateRequest__Output as _zonecast_router_v1_RenegotiateRequest__Output } from './zonecast/router/v1/RenegotiateRequest.ts';
import type { RosterChanged as _zonecast_router_v1_RosterChanged, RosterChanged__Output as _zonecast_router_v1_RosterChanged__Output } from './zonecast/router/v1/RosterChanged.ts';
import type { RosterEntry as _zonecast_router_v1_RosterEntry, RosterEntry__Output as _zonecast_router_v1_RosterEntry__Output } from './zonecast/router/v1/RosterEntry.ts';
import type { RouterClient as _zonecast_router_v1_RouterClient, RouterDefinition as _zonecast_router_v1_RouterDefinition } from './zonecast/router/v1/Router.ts';
import type { SetMuteRequest as _zonecast_router_v1_SetMuteRequest, SetMuteRequest__Output as _zonecast_router_v1_SetMuteRequest__Output } from './zonecast/router/v1/SetMuteRequest.ts';
import type { SetProbesReply as _zonecast_router_v1_SetProbesReply, SetProbesReply__Output as _zonecast_router_v1_SetProbesReply__Output } from './zonecast/router/v1/SetProbesReply.ts';
import type { SetProbesRequest as _zonecast_router_v1_SetProbesRequest, SetProbesRequest__Output as _zonecast_router_v1_SetProbesRequest__Output } from './zonecast/router/v1/SetProbesRequest.ts';
import type { SetTreeRequest as _zonecast_router_v1_SetTreeRequest, SetTreeRequest__Output as _zonecast_router_v1_SetTreeRequest__Output } from './zonecast/router/v1/SetTreeRequest.ts';
import type { SetViewRequest as _zonecast_router_v1_SetViewRequest, SetViewRequest__Output as _zonecast_router_v1_SetViewRequest__Output } from './zonecast/router/v1/SetViewRequest.ts';
import type { SetZoneLinksRequest as _zonecast_router_v1_SetZoneLinksRequest, SetZoneLinksRequest__Output as _zonecast_router_v1_SetZoneLinksRequest__Output } from './zonecast/router/v1/SetZoneLinksRequest.ts';
import type { SetZonesRequest as _zonecast_router_v1_SetZonesRequest, SetZonesRequest__Output as _zonecast_router_v1_SetZonesRequest__Output } from './zonecast/router/v1/SetZonesRequest.ts';
import type { SettleConnectionRequest as _zonecast_router_v1_SettleConnectionRequest, SettleConnectionRequest__Output as _zonecast_router_v1_SettleConnectionRequest__Output } from './zonecast/router/v1/SettleConnectionRequest.ts';
import type { SlotAssignment as _zonecast_router_v1_SlotAssignment, SlotAssignment__Output as _zonecast_router_v1_SlotAssignment__Output } from './zonecast/router/v1/SlotAssignment.ts';
import type { SlotsChanged as _zonecast_router_v1_SlotsChanged, SlotsChanged__Output as _zonecast_router_v1_SlotsChanged__Output } from './zonecast/router/v1/SlotsChanged.ts';
import type { Snapshot as _zonecast_router_v1_Snapshot, Snapshot__Output as _zonecast_router_v1_Snapshot__Output } from './zonecast/router/v1/Snapshot.ts';
import type { SourceName as _zonecast_router_v1_SourceName, SourceName__Output as _zonecast_router_v1_SourceName__Output } from './zonecast/router/v1/SourceName.ts';
import type { SpeakersChanged as _zonecast_router_v1_SpeakersChanged, SpeakersChanged__Output as _zonecast_router_v1_SpeakersChanged__Output } from './zonecast/router/v1/SpeakersChanged.ts';
import type { StateChanged as _zonecast_router_v1_StateChanged, StateChanged__Output as _zonecast_router_v1_StateChanged__Output } from './zonecast/router/v1/StateChanged.ts';
import type { StatisticsReply as _zonecast_router_v1_StatisticsReply, StatisticsReply__Output as _zonecast_router_v1_StatisticsReply__Output } from './zonecast/router/v1/StatisticsReply.ts';
import type { StatisticsRequest as _zonecast_router_v1_StatisticsRequest, StatisticsRequest__Output as _zonecast_router_v1_StatisticsRequest__Output } from './zonecast/router/v1/StatisticsRequest.ts';
import type { Subscribed as _zonecast_router_v1_Subscribed, Subscribed__Output as _zonecast_router_v1_Subscribed__Output } from './zonecast/router/v1/Subscribed.ts';
import type { Taken as _zonecast_router_v1_Taken, Taken__Output as _zonecast_router_v1_Taken__Output } from './zonecast/router/v1/Taken.ts';
import type { TreePlace as _zonecast_router_v1_TreePlace, TreePlace__Output as _zonecast_router_v1_TreePlace__Output } from './zonecast/router/v1/TreePlace.ts';
import type { TrustedZone as _zonecast_router_v1_TrustedZone, TrustedZone__Output as _zonecast_router_v1_TrustedZone__Output } from './zonecast/router/v1/TrustedZone.ts';
import type { ViewEntry as _zonecast_router_v1_ViewEntry, ViewEntry__Output as _zonecast_router_v1_ViewEntry__Output } from './zonecast/router/v1/ViewEntry.ts';
import type { WaitingEnded as _zonecast_router_v1_WaitingEnded, WaitingEnded__Output as _zonecast_router_v1_WaitingEnded__Output } from './zonecast/router/v1/WaitingEnded.ts';
import type { WorkerLoad as _zonecast_router_v1_WorkerLoad, WorkerLoad__Output as _zonecast_router_v1_WorkerLoad__Output } from './zonecast/router/v1/WorkerLoad.ts';
import type { ZoneLink as _zonecast_router_v1_ZoneLink, ZoneLink__Output as _zonecast_router_v1_ZoneLink__Output } from './zonecast/router/v1/ZoneLink.ts';
import type { ZoneTrunk as _zonecast_router_v1_ZoneTrunk, ZoneTrunk__Output as _zonecast_router_v1_ZoneTrunk__Output } from './zonecast/router/v1/ZoneTrunk.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zonecast: {
    router: {
      v1: {
        ActRequest: MessageTypeDefinition<_zonecast_router_v1_ActRequest, _zonecast_router_v1_ActRequest__Output>
        AttachRequest: MessageTypeDefinition<_zonecast_router_v1_AttachRequest, _zonecast_router_v1_AttachRequest__Output>
        CloseMeetingRequest: MessageTypeDefinition<_zonecast_router_v1_CloseMeetingRequest, _zonecast_router_v1_CloseMeetingRequest__Output>
        ConnectionQuality: MessageTypeDefinition<_zonecast_router_v1_ConnectionQuality, _zonecast_router_v1_ConnectionQuality__Output>
        DescribeReply: MessageTypeDefinition<_zonecast_router_v1_DescribeReply, _zonecast_router_v1_DescribeReply__Output>
        DescribeRequest: MessageTypeDefinition<_zonecast_router_v1_DescribeRequest, _zonecast_router_v1_DescribeRequest__Output>
        DetachRequest: MessageTypeDefinition<_zonecast_router_v1_DetachRequest, _zonecast_router_v1_DetachRequest__Output>
        Empty: MessageTypeDefinition<_zonecast_router_v1_Empty, _zonecast_router_v1_Empty__Output>
        EncodingDemand: MessageTypeDefinition<_zonecast_router_v1_EncodingDemand, _zonecast_router_v1_EncodingDemand__Output>
        EncodingsChanged: MessageTypeDefinition<_zonecast_router_v1_EncodingsChanged, _zonecast_router_v1_EncodingsChanged__Output>
        Entry: MessageTypeDefinition<_zonecast_router_v1_Entry, _zonecast_router_v1_Entry__Output>
        Event: MessageTypeDefinition<_zonecast_router_v1_Event, _zonecast_router_v1_Event__Output>
        EventsRequest: MessageTypeDefinition<_zonecast_router_v1_EventsRequest, _zonecast_router_v1_EventsRequest__Output>
        Home: MessageTypeDefinition<_zonecast_router_v1_Home, _zonecast_router_v1_Home__Output>
        Homed: MessageTypeDefinition<_zonecast_router_v1_Homed, _zonecast_router_v1_Homed__Output>
        JoinReply: MessageTypeDefinition<_zonecast_router_v1_JoinReply, _zonecast_router_v1_JoinReply__Output>
        JoinRequest: MessageTypeDefinition<_zonecast_router_v1_JoinRequest, _zonecast_router_v1_JoinRequest__Output>
        LeaveRequest: MessageTypeDefinition<_zonecast_router_v1_LeaveRequest, _zonecast_router_v1_LeaveRequest__Output>
        Load: MessageTypeDefinition<_zonecast_router_v1_Load, _zonecast_router_v1_Load__Output>
        MeetingDescription: MessageTypeDefinition<_zonecast_router_v1_MeetingDescription, _zonecast_router_v1_MeetingDescription__Output>
        OpenConnectionReply: MessageTypeDefinition<_zonecast_router_v1_OpenConnectionReply, _zonecast_router_v1_OpenConnectionReply__Output>
        OpenConnectionRequest: MessageTypeDefinition<_zonecast_router_v1_OpenConnectionRequest, _zonecast_router_v1_OpenConnectionRequest__Output>
        ParticipantConnected: MessageTypeDefinition<_zonecast_router_v1_ParticipantConnected, _zonecast_router_v1_ParticipantConnected__Output>
        ParticipantLeft: MessageTypeDefinition<_zonecast_router_v1_ParticipantLeft, _zonecast_router_v1_ParticipantLeft__Output>
        PeopleReport: MessageTypeDefinition<_zonecast_router_v1_PeopleReport, _zonecast_router_v1_PeopleReport__Output>
        PlacePeople: MessageTypeDefinition<_zonecast_router_v1_PlacePeople, _zonecast_router_v1_PlacePeople__Output>
        ProbeCredential: MessageTypeDefinition<_zonecast_router_v1_ProbeCredential, _zonecast_router_v1_ProbeCredential__Output>
        ProbeTarget: MessageTypeDefinition<_zonecast_router_v1_ProbeTarget, _zonecast_router_v1_ProbeTarget__Output>
        QualityChanged: MessageTypeDefinition<_zonecast_router_v1_QualityChanged, _zonecast_router_v1_QualityChanged__Output>
        RenegotiateReply: MessageTypeDefinition<_zonecast_router_v1_RenegotiateReply, _zonecast_router_v1_RenegotiateReply__Output>
        RenegotiateRequest: MessageTypeDefinition<_zonecast_router_v1_RenegotiateRequest, _zonecast_router_v1_RenegotiateRequest__Output>
        RosterChanged: MessageTypeDefinition<_zonecast_router_v1_RosterChanged, _zonecast_router_v1_RosterChanged__Output>
        RosterEntry: MessageTypeDefinition<_zonecast_router_v1_RosterEntry, _zonecast_router_v1_RosterEntry__Output>
        Router: SubtypeConstructor<typeof grpc.Client, _zonecast_router_v1_RouterClient> & { service: _zonecast_router_v1_RouterDefinition }
        SetMuteRequest: MessageTypeDefinition<_zonecast_router_v1_SetMuteRequest, _zonecast_router_v1_SetMuteRequest__Output>
        SetProbesReply: MessageTypeDefinition<_zonecast_router_v1_SetProbesReply, _zonecast_router_v1_SetProbesReply__Output>
        SetProbesRequest: MessageTypeDefinition<_zonecast_router_v1_SetProbesRequest, _zonecast_router_v1_SetProbesRequest__Output>
        SetTreeRequest: MessageTypeDefinition<_zonecast_router_v1_SetTreeRequest, _zonecast_router_v1_SetTreeRequest__Output>
        SetViewRequest: MessageTypeDefinition<_zonecast_router_v1_SetViewRequest, _zonecast_router_v1_SetViewRequest__Output>
        SetZoneLinksRequest: MessageTypeDefinition<_zonecast_router_v1_SetZoneLinksRequest, _zonecast_router_v1_SetZoneLinksRequest__Output>
        SetZonesRequest: MessageTypeDefinition<_zonecast_router_v1_SetZonesRequest, _zonecast_router_v1_SetZonesRequest__Output>
        SettleConnectionRequest: MessageTypeDefinition<_zonecast_router_v1_SettleConnectionRequest, _zonecast_router_v1_SettleConnectionRequest__Output>
        SlotAssignment: MessageTypeDefinition<_zonecast_router_v1_SlotAssignment, _zonecast_router_v1_SlotAssignment__Output>
        SlotsChanged: MessageTypeDefinition<_zonecast_router_v1_SlotsChanged, _zonecast_router_v1_SlotsChanged__Output>
        Snapshot: MessageTypeDefinition<_zonecast_router_v1_Snapshot, _zonecast_router_v1_Snapshot__Output>
        SourceName: MessageTypeDefinition<_zonecast_router_v1_SourceName, _zonecast_router_v1_SourceName__Output>
        SpeakersChanged: MessageTypeDefinition<_zonecast_router_v1_SpeakersChanged, _zonecast_router_v1_SpeakersChanged__Output>
        StateChanged: MessageTypeDefinition<_zonecast_router_v1_StateChanged, _zonecast_router_v1_StateChanged__Output>
        StatisticsReply: MessageTypeDefinition<_zonecast_router_v1_StatisticsReply, _zonecast_router_v1_StatisticsReply__Output>
        StatisticsRequest: MessageTypeDefinition<_zonecast_router_v1_StatisticsRequest, _zonecast_router_v1_StatisticsRequest__Output>
        Subscribed: MessageTypeDefinition<_zonecast_router_v1_Subscribed, _zonecast_router_v1_Subscribed__Output>
        Taken: MessageTypeDefinition<_zonecast_router_v1_Taken, _zonecast_router_v1_Taken__Output>
        TreePlace: MessageTypeDefinition<_zonecast_router_v1_TreePlace, _zonecast_router_v1_TreePlace__Output>
        TrustedZone: MessageTypeDefinition<_zonecast_router_v1_TrustedZone, _zonecast_router_v1_TrustedZone__Output>
        ViewEntry: MessageTypeDefinition<_zonecast_router_v1_ViewEntry, _zonecast_router_v1_ViewEntry__Output>
        WaitingEnded: MessageTypeDefinition<_zonecast_router_v1_WaitingEnded, _zonecast_router_v1_WaitingEnded__Output>
        WorkerLoad: MessageTypeDefinition<_zonecast_router_v1_WorkerLoad, _zonecast_router_v1_WorkerLoad__Output>
        ZoneLink: MessageTypeDefinition<_zonecast_router_v1_ZoneLink, _zonecast_router_v1_ZoneLink__Output>
        ZoneTrunk: MessageTypeDefinition<_zonecast_router_v1_ZoneTrunk, _zonecast_router_v1_ZoneTrunk__Output>
      }
    }
  }
}

