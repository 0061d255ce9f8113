// Original file: proto/admin.proto

import type { Participant as _zonecast_admin_v1_Participant, Participant__Output as _zonecast_admin_v1_Participant__Output } from '../../../zonecast/admin/v1/Participant.ts';

export interface ListParticipantsReply {
  'participants'?: (_zonecast_admin_v1_Participant)[];
  'nextPageToken'?: (string);
  'silent'?: (string)[];
}

export interface ListParticipantsReply__Output {
  'participants': (_zonecast_admin_v1_Participant__Output)[];
  'nextPageToken': (string);
  'silent': (string)[];
}
