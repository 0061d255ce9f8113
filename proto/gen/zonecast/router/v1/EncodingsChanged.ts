// Original file: proto/router.proto

import type { EncodingDemand as _zonecast_router_v1_EncodingDemand, EncodingDemand__Output as _zonecast_router_v1_EncodingDemand__Output } from '../../../zonecast/router/v1/EncodingDemand.ts';

export interface EncodingsChanged {
  'meeting'?: (string);
  'participant'?: (string);
  'source'?: (string);
  'encodings'?: (_zonecast_router_v1_EncodingDemand)[];
}

export interface EncodingsChanged__Output {
  'meeting': (string);
  'participant': (string);
  'source': (string);
  'encodings': (_zonecast_router_v1_EncodingDemand__Output)[];
}
