// Original file: proto/admin.proto

import type { Meeting as _zonecast_admin_v1_Meeting, Meeting__Output as _zonecast_admin_v1_Meeting__Output } from '../../../zonecast/admin/v1/Meeting.ts';

export interface ListMeetingsReply {
  'meetings'?: (_zonecast_admin_v1_Meeting)[];
  'nextPageToken'?: (string);
}

export interface ListMeetingsReply__Output {
  'meetings': (_zonecast_admin_v1_Meeting__Output)[];
  'nextPageToken': (string);
}
