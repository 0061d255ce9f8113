// Original file: proto/meetings.proto

import type { Meeting as _zonecast_meetings_v1_Meeting, Meeting__Output as _zonecast_meetings_v1_Meeting__Output } from '../../../zonecast/meetings/v1/Meeting.ts';

export interface ListReply {
  'meetings'?: (_zonecast_meetings_v1_Meeting)[];
  'nextPageToken'?: (string);
}

export interface ListReply__Output {
  'meetings': (_zonecast_meetings_v1_Meeting__Output)[];
  'nextPageToken': (string);
}
