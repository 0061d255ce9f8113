// Original file: proto/meetings.proto

import type { Occurrence as _zonecast_meetings_v1_Occurrence, Occurrence__Output as _zonecast_meetings_v1_Occurrence__Output } from '../../../zonecast/meetings/v1/Occurrence.ts';

export interface OccurrencesReply {
  'occurrences'?: (_zonecast_meetings_v1_Occurrence)[];
}

export interface OccurrencesReply__Output {
  'occurrences': (_zonecast_meetings_v1_Occurrence__Output)[];
}
