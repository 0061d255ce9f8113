// Original file: proto/router.proto

import type { ParticipantConnected as _zonecast_router_v1_ParticipantConnected, ParticipantConnected__Output as _zonecast_router_v1_ParticipantConnected__Output } from '../../../zonecast/router/v1/ParticipantConnected.ts';
import type { ParticipantLeft as _zonecast_router_v1_ParticipantLeft, ParticipantLeft__Output as _zonecast_router_v1_ParticipantLeft__Output } from '../../../zonecast/router/v1/ParticipantLeft.ts';
import type { SlotsChanged as _zonecast_router_v1_SlotsChanged, SlotsChanged__Output as _zonecast_router_v1_SlotsChanged__Output } from '../../../zonecast/router/v1/SlotsChanged.ts';
import type { SpeakersChanged as _zonecast_router_v1_SpeakersChanged, SpeakersChanged__Output as _zonecast_router_v1_SpeakersChanged__Output } from '../../../zonecast/router/v1/SpeakersChanged.ts';
import type { MeetingLost as _zonecast_router_v1_MeetingLost, MeetingLost__Output as _zonecast_router_v1_MeetingLost__Output } from '../../../zonecast/router/v1/MeetingLost.ts';
import type { Subscribed as _zonecast_router_v1_Subscribed, Subscribed__Output as _zonecast_router_v1_Subscribed__Output } from '../../../zonecast/router/v1/Subscribed.ts';
import type { EncodingsChanged as _zonecast_router_v1_EncodingsChanged, EncodingsChanged__Output as _zonecast_router_v1_EncodingsChanged__Output } from '../../../zonecast/router/v1/EncodingsChanged.ts';
import type { QualityChanged as _zonecast_router_v1_QualityChanged, QualityChanged__Output as _zonecast_router_v1_QualityChanged__Output } from '../../../zonecast/router/v1/QualityChanged.ts';

export interface Event {
  'connected'?: (_zonecast_router_v1_ParticipantConnected | null);
  'left'?: (_zonecast_router_v1_ParticipantLeft | null);
  'slots'?: (_zonecast_router_v1_SlotsChanged | null);
  'speakers'?: (_zonecast_router_v1_SpeakersChanged | null);
  'lost'?: (_zonecast_router_v1_MeetingLost | null);
  'subscribed'?: (_zonecast_router_v1_Subscribed | null);
  'encodings'?: (_zonecast_router_v1_EncodingsChanged | null);
  'quality'?: (_zonecast_router_v1_QualityChanged | null);
  'event'?: "connected"|"left"|"slots"|"speakers"|"lost"|"subscribed"|"encodings"|"quality";
}

export interface Event__Output {
  'connected'?: (_zonecast_router_v1_ParticipantConnected__Output | null);
  'left'?: (_zonecast_router_v1_ParticipantLeft__Output | null);
  'slots'?: (_zonecast_router_v1_SlotsChanged__Output | null);
  'speakers'?: (_zonecast_router_v1_SpeakersChanged__Output | null);
  'lost'?: (_zonecast_router_v1_MeetingLost__Output | null);
  'subscribed'?: (_zonecast_router_v1_Subscribed__Output | null);
  'encodings'?: (_zonecast_router_v1_EncodingsChanged__Output | null);
  'quality'?: (_zonecast_router_v1_QualityChanged__Output | null);
  'event'?: "connected"|"left"|"slots"|"speakers"|"lost"|"subscribed"|"encodings"|"quality";
}
