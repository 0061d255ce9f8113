// Original file: proto/router.proto

import type { ParticipantConnected as _zonecast_router_v1_ParticipantConnected, ParticipantConnected__Output as _zonecast_router_v1_ParticipantConnected__Output } from '../../../zonecast/router/v1/ParticipantConnected.ts';
import type { ParticipantLeft as _zonecast_router_v1_ParticipantLeft, ParticipantLeft__Output as _zonecast_router_v1_ParticipantLeft__Output } from '../../../zonecast/router/v1/ParticipantLeft.ts';
import type { SlotsChanged as _zonecast_router_v1_SlotsChanged, SlotsChanged__Output as _zonecast_router_v1_SlotsChanged__Output } from '../../../zonecast/router/v1/SlotsChanged.ts';
import type { SpeakersChanged as _zonecast_router_v1_SpeakersChanged, SpeakersChanged__Output as _zonecast_router_v1_SpeakersChanged__Output } from '../../../zonecast/router/v1/SpeakersChanged.ts';
import type { Subscribed as _zonecast_router_v1_Subscribed, Subscribed__Output as _zonecast_router_v1_Subscribed__Output } from '../../../zonecast/router/v1/Subscribed.ts';
import type { EncodingsChanged as _zonecast_router_v1_EncodingsChanged, EncodingsChanged__Output as _zonecast_router_v1_EncodingsChanged__Output } from '../../../zonecast/router/v1/EncodingsChanged.ts';
import type { QualityChanged as _zonecast_router_v1_QualityChanged, QualityChanged__Output as _zonecast_router_v1_QualityChanged__Output } from '../../../zonecast/router/v1/QualityChanged.ts';
import type { Homed as _zonecast_router_v1_Homed, Homed__Output as _zonecast_router_v1_Homed__Output } from '../../../zonecast/router/v1/Homed.ts';
import type { Taken as _zonecast_router_v1_Taken, Taken__Output as _zonecast_router_v1_Taken__Output } from '../../../zonecast/router/v1/Taken.ts';
import type { Snapshot as _zonecast_router_v1_Snapshot, Snapshot__Output as _zonecast_router_v1_Snapshot__Output } from '../../../zonecast/router/v1/Snapshot.ts';
import type { RosterChanged as _zonecast_router_v1_RosterChanged, RosterChanged__Output as _zonecast_router_v1_RosterChanged__Output } from '../../../zonecast/router/v1/RosterChanged.ts';
import type { Load as _zonecast_router_v1_Load, Load__Output as _zonecast_router_v1_Load__Output } from '../../../zonecast/router/v1/Load.ts';
import type { PeopleReport as _zonecast_router_v1_PeopleReport, PeopleReport__Output as _zonecast_router_v1_PeopleReport__Output } from '../../../zonecast/router/v1/PeopleReport.ts';
import type { StateChanged as _zonecast_router_v1_StateChanged, StateChanged__Output as _zonecast_router_v1_StateChanged__Output } from '../../../zonecast/router/v1/StateChanged.ts';
import type { WaitingEnded as _zonecast_router_v1_WaitingEnded, WaitingEnded__Output as _zonecast_router_v1_WaitingEnded__Output } from '../../../zonecast/router/v1/WaitingEnded.ts';

export interface Event {
  'connected'?: (_zonecast_router_v1_ParticipantConnected | null);
  'left'?: (_zonecast_router_v1_ParticipantLeft | null);
  'slots'?: (_zonecast_router_v1_SlotsChanged | null);
  'speakers'?: (_zonecast_router_v1_SpeakersChanged | null);
  'subscribed'?: (_zonecast_router_v1_Subscribed | null);
  'encodings'?: (_zonecast_router_v1_EncodingsChanged | null);
  'quality'?: (_zonecast_router_v1_QualityChanged | null);
  'homed'?: (_zonecast_router_v1_Homed | null);
  'taken'?: (_zonecast_router_v1_Taken | null);
  'snapshot'?: (_zonecast_router_v1_Snapshot | null);
  'roster'?: (_zonecast_router_v1_RosterChanged | null);
  'load'?: (_zonecast_router_v1_Load | null);
  'people'?: (_zonecast_router_v1_PeopleReport | null);
  'state'?: (_zonecast_router_v1_StateChanged | null);
  'waitingEnded'?: (_zonecast_router_v1_WaitingEnded | null);
  'event'?: "connected"|"left"|"slots"|"encodings"|"homed"|"taken"|"snapshot"|"roster"|"speakers"|"quality"|"load"|"people"|"state"|"waitingEnded"|"subscribed";
}

export interface Event__Output {
  'connected'?: (_zonecast_router_v1_ParticipantConnected__Output | null);
  'left'?: (_zonecast_router_v1_ParticipantLeft__Output | null);
  'slots'?: (_zonecast_router_v1_SlotsChanged__Output | null);
  'speakers'?: (_zonecast_router_v1_SpeakersChanged__Output | null);
  'subscribed'?: (_zonecast_router_v1_Subscribed__Output | null);
  'encodings'?: (_zonecast_router_v1_EncodingsChanged__Output | null);
  'quality'?: (_zonecast_router_v1_QualityChanged__Output | null);
  'homed'?: (_zonecast_router_v1_Homed__Output | null);
  'taken'?: (_zonecast_router_v1_Taken__Output | null);
  'snapshot'?: (_zonecast_router_v1_Snapshot__Output | null);
  'roster'?: (_zonecast_router_v1_RosterChanged__Output | null);
  'load'?: (_zonecast_router_v1_Load__Output | null);
  'people'?: (_zonecast_router_v1_PeopleReport__Output | null);
  'state'?: (_zonecast_router_v1_StateChanged__Output | null);
  'waitingEnded'?: (_zonecast_router_v1_WaitingEnded__Output | null);
  'event'?: "connected"|"left"|"slots"|"encodings"|"homed"|"taken"|"snapshot"|"roster"|"speakers"|"quality"|"load"|"people"|"state"|"waitingEnded"|"subscribed";
}
