// Original file: proto/router.proto

import type { SlotAssignment as _zonecast_router_v1_SlotAssignment, SlotAssignment__Output as _zonecast_router_v1_SlotAssignment__Output } from '../../../zonecast/router/v1/SlotAssignment.ts';
import type { EncodingsChanged as _zonecast_router_v1_EncodingsChanged, EncodingsChanged__Output as _zonecast_router_v1_EncodingsChanged__Output } from '../../../zonecast/router/v1/EncodingsChanged.ts';
import type { Long } from '@grpc/proto-loader';

export interface Homed {
  'meeting'?: (string);
  'participant'?: (string);
  'attachment'?: (number | string | Long);
  'slots'?: (_zonecast_router_v1_SlotAssignment)[];
  'encodings'?: (_zonecast_router_v1_EncodingsChanged)[];
  'audioOnly'?: (boolean);
  'connection'?: (number);
}

export interface Homed__Output {
  'meeting': (string);
  'participant': (string);
  'attachment': (number);
  'slots': (_zonecast_router_v1_SlotAssignment__Output)[];
  'encodings': (_zonecast_router_v1_EncodingsChanged__Output)[];
  'audioOnly': (boolean);
  'connection': (number);
}
