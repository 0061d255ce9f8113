// Original file: proto/cascade.proto

import type { RosterEntry as _zonecast_cascade_v1_RosterEntry, RosterEntry__Output as _zonecast_cascade_v1_RosterEntry__Output } from '../../../zonecast/cascade/v1/RosterEntry.ts';
import type { Long } from '@grpc/proto-loader';

export interface RosterUpdate {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'whole'?: (boolean);
  'changed'?: (_zonecast_cascade_v1_RosterEntry)[];
  'left'?: (string)[];
}

export interface RosterUpdate__Output {
  'meeting': (string);
  'epoch': (number);
  'whole': (boolean);
  'changed': (_zonecast_cascade_v1_RosterEntry__Output)[];
  'left': (string)[];
}
