// Original file: proto/router.proto

import type { MeetingDescription as _zonecast_router_v1_MeetingDescription, MeetingDescription__Output as _zonecast_router_v1_MeetingDescription__Output } from '../../../zonecast/router/v1/MeetingDescription.ts';

export interface DescribeReply {
  'meetings'?: (_zonecast_router_v1_MeetingDescription)[];
}

export interface DescribeReply__Output {
  'meetings': (_zonecast_router_v1_MeetingDescription__Output)[];
}
