// Original file: proto/admin.proto

import type { NewMeeting as _zonecast_admin_v1_NewMeeting, NewMeeting__Output as _zonecast_admin_v1_NewMeeting__Output } from '../../../zonecast/admin/v1/NewMeeting.ts';

export interface ExplainRequest {
  'meeting'?: (string);
  'newMeeting'?: (_zonecast_admin_v1_NewMeeting | null);
  'question'?: "meeting"|"newMeeting";
}

export interface ExplainRequest__Output {
  'meeting'?: (string);
  'newMeeting'?: (_zonecast_admin_v1_NewMeeting__Output | null);
  'question'?: "meeting"|"newMeeting";
}
