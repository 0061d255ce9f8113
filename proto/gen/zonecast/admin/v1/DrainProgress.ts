// Original file: proto/admin.proto

import type { StuckMeeting as _zonecast_admin_v1_StuckMeeting, StuckMeeting__Output as _zonecast_admin_v1_StuckMeeting__Output } from '../../../zonecast/admin/v1/StuckMeeting.ts';

// Original file: proto/admin.proto

export const _zonecast_admin_v1_DrainProgress_State = {
  DRAINING: 'DRAINING',
  EMPTY: 'EMPTY',
  DEADLINE: 'DEADLINE',
  UNDRAINED: 'UNDRAINED',
  LOST: 'LOST',
} as const;

export type _zonecast_admin_v1_DrainProgress_State =
  | 'DRAINING'
  | 0
  | 'EMPTY'
  | 1
  | 'DEADLINE'
  | 2
  | 'UNDRAINED'
  | 3
  | 'LOST'
  | 4

export type _zonecast_admin_v1_DrainProgress_State__Output = typeof _zonecast_admin_v1_DrainProgress_State[keyof typeof _zonecast_admin_v1_DrainProgress_State]

export interface DrainProgress {
  'state'?: (_zonecast_admin_v1_DrainProgress_State);
  'participants'?: (number);
  'meetings'?: (number);
  'deadlineMs'?: (number | string);
  'elapsedMs'?: (number | string);
  'stuck'?: (_zonecast_admin_v1_StuckMeeting)[];
}

export interface DrainProgress__Output {
  'state': (_zonecast_admin_v1_DrainProgress_State__Output);
  'participants': (number);
  'meetings': (number);
  'deadlineMs': (number);
  'elapsedMs': (number);
  'stuck': (_zonecast_admin_v1_StuckMeeting__Output)[];
}
