// Original file: proto/router.proto

import type { SourceName as _zonecast_router_v1_SourceName, SourceName__Output as _zonecast_router_v1_SourceName__Output } from '../../../zonecast/router/v1/SourceName.ts';

export interface ViewEntry {
  'mid'?: (string);
  'fixed'?: (_zonecast_router_v1_SourceName | null);
  'auto'?: (boolean);
  'off'?: (boolean);
  'maxHeight'?: (number);
  'maxFps'?: (number);
  'source'?: "fixed"|"auto"|"off";
}

export interface ViewEntry__Output {
  'mid': (string);
  'fixed'?: (_zonecast_router_v1_SourceName__Output | null);
  'auto'?: (boolean);
  'off'?: (boolean);
  'maxHeight': (number);
  'maxFps': (number);
  'source'?: "fixed"|"auto"|"off";
}
