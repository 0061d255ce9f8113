// Original file: proto/cascade.proto

import type { RosterEntry as _zonecast_cascade_v1_RosterEntry, RosterEntry__Output as _zonecast_cascade_v1_RosterEntry__Output } from '../../../zonecast/cascade/v1/RosterEntry.ts';

export interface RosterUpdate {
  'meeting'?: (string);
  'whole'?: (boolean);
  'changed'?: (_zonecast_cascade_v1_RosterEntry)[];
  'left'?: (string)[];
}

export interface RosterUpdate__Output {
  'meeting': (string);
  'whole': (boolean);
  'changed': (_zonecast_cascade_v1_RosterEntry__Output)[];
  'left': (string)[];
}
