// Original file: proto/meetings.proto

import type { Schedule as _zonecast_meetings_v1_Schedule, Schedule__Output as _zonecast_meetings_v1_Schedule__Output } from '../../../zonecast/meetings/v1/Schedule.ts';
import type { Settings as _zonecast_meetings_v1_Settings, Settings__Output as _zonecast_meetings_v1_Settings__Output } from '../../../zonecast/meetings/v1/Settings.ts';
import type { Limits as _zonecast_meetings_v1_Limits, Limits__Output as _zonecast_meetings_v1_Limits__Output } from '../../../zonecast/meetings/v1/Limits.ts';
import type { Policy as _zonecast_meetings_v1_Policy, Policy__Output as _zonecast_meetings_v1_Policy__Output } from '../../../zonecast/meetings/v1/Policy.ts';

export interface UpdateRequest {
  'meeting'?: (string);
  'revision'?: (number);
  'title'?: (string);
  'schedule'?: (_zonecast_meetings_v1_Schedule | null);
  'settings'?: (_zonecast_meetings_v1_Settings | null);
  'limits'?: (_zonecast_meetings_v1_Limits | null);
  'account'?: (string);
  'policy'?: (_zonecast_meetings_v1_Policy | null);
  'clear'?: (string)[];
  'reopen'?: (boolean);
  '_title'?: "title";
  '_schedule'?: "schedule";
  '_settings'?: "settings";
  '_limits'?: "limits";
  '_account'?: "account";
  '_policy'?: "policy";
}

export interface UpdateRequest__Output {
  'meeting': (string);
  'revision': (number);
  'title'?: (string);
  'schedule'?: (_zonecast_meetings_v1_Schedule__Output | null);
  'settings'?: (_zonecast_meetings_v1_Settings__Output | null);
  'limits'?: (_zonecast_meetings_v1_Limits__Output | null);
  'account'?: (string);
  'policy'?: (_zonecast_meetings_v1_Policy__Output | null);
  'clear': (string)[];
  'reopen': (boolean);
  '_title'?: "title";
  '_schedule'?: "schedule";
  '_settings'?: "settings";
  '_limits'?: "limits";
  '_account'?: "account";
  '_policy'?: "policy";
}
