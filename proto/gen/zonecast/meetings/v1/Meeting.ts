// Original file: proto/meetings.proto

import type { Schedule as _zonecast_meetings_v1_Schedule, Schedule__Output as _zonecast_meetings_v1_Schedule__Output } from '../../../zonecast/meetings/v1/Schedule.ts';
import type { Occurrence as _zonecast_meetings_v1_Occurrence, Occurrence__Output as _zonecast_meetings_v1_Occurrence__Output } from '../../../zonecast/meetings/v1/Occurrence.ts';
import type { Settings as _zonecast_meetings_v1_Settings, Settings__Output as _zonecast_meetings_v1_Settings__Output } from '../../../zonecast/meetings/v1/Settings.ts';
import type { Limits as _zonecast_meetings_v1_Limits, Limits__Output as _zonecast_meetings_v1_Limits__Output } from '../../../zonecast/meetings/v1/Limits.ts';
import type { Policy as _zonecast_meetings_v1_Policy, Policy__Output as _zonecast_meetings_v1_Policy__Output } from '../../../zonecast/meetings/v1/Policy.ts';

export interface Meeting {
  'meeting'?: (string);
  'url'?: (string);
  'title'?: (string);
  'ownerIssuer'?: (string);
  'ownerSubject'?: (string);
  'account'?: (string);
  'personal'?: (boolean);
  'schedule'?: (_zonecast_meetings_v1_Schedule | null);
  'next'?: (_zonecast_meetings_v1_Occurrence | null);
  'settings'?: (_zonecast_meetings_v1_Settings | null);
  'limits'?: (_zonecast_meetings_v1_Limits | null);
  'policy'?: (_zonecast_meetings_v1_Policy | null);
  'running'?: (boolean);
  'ended'?: (boolean);
  'created'?: (string);
  'expires'?: (string);
  'revision'?: (number);
  '_title'?: "title";
  '_ownerIssuer'?: "ownerIssuer";
  '_ownerSubject'?: "ownerSubject";
  '_account'?: "account";
  '_schedule'?: "schedule";
  '_next'?: "next";
  '_policy'?: "policy";
  '_expires'?: "expires";
}

export interface Meeting__Output {
  'meeting': (string);
  'url': (string);
  'title'?: (string);
  'ownerIssuer'?: (string);
  'ownerSubject'?: (string);
  'account'?: (string);
  'personal': (boolean);
  'schedule'?: (_zonecast_meetings_v1_Schedule__Output | null);
  'next'?: (_zonecast_meetings_v1_Occurrence__Output | null);
  'settings': (_zonecast_meetings_v1_Settings__Output | null);
  'limits': (_zonecast_meetings_v1_Limits__Output | null);
  'policy'?: (_zonecast_meetings_v1_Policy__Output | null);
  'running': (boolean);
  'ended': (boolean);
  'created': (string);
  'expires'?: (string);
  'revision': (number);
  '_title'?: "title";
  '_ownerIssuer'?: "ownerIssuer";
  '_ownerSubject'?: "ownerSubject";
  '_account'?: "account";
  '_schedule'?: "schedule";
  '_next'?: "next";
  '_policy'?: "policy";
  '_expires'?: "expires";
}
