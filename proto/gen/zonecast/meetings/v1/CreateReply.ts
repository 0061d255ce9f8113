// Original file: proto/meetings.proto

import type { Meeting as _zonecast_meetings_v1_Meeting, Meeting__Output as _zonecast_meetings_v1_Meeting__Output } from '../../../zonecast/meetings/v1/Meeting.ts';

export interface CreateReply {
  'meeting'?: (_zonecast_meetings_v1_Meeting | null);
  'passcode'?: (string);
  'hostKey'?: (string);
  'link'?: (string);
}

export interface CreateReply__Output {
  'meeting': (_zonecast_meetings_v1_Meeting__Output | null);
  'passcode': (string);
  'hostKey': (string);
  'link': (string);
}
