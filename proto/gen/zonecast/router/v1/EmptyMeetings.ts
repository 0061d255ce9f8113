// Original file: proto/router.proto

import type { EmptyMeeting as _zonecast_router_v1_EmptyMeeting, EmptyMeeting__Output as _zonecast_router_v1_EmptyMeeting__Output } from '../../../zonecast/router/v1/EmptyMeeting.ts';

export interface EmptyMeetings {
  'meetings'?: (_zonecast_router_v1_EmptyMeeting)[];
}

export interface EmptyMeetings__Output {
  'meetings': (_zonecast_router_v1_EmptyMeeting__Output)[];
}
