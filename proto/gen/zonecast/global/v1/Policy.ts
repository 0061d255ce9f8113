// Original file: proto/global.proto

import type { Guests as _zonecast_global_v1_Guests, Guests__Output as _zonecast_global_v1_Guests__Output } from '../../../zonecast/global/v1/Guests.ts';
import type { Overflow as _zonecast_global_v1_Overflow, Overflow__Output as _zonecast_global_v1_Overflow__Output } from '../../../zonecast/global/v1/Overflow.ts';
import type { Long } from '@grpc/proto-loader';

export interface Policy {
  'scope'?: (string);
  'residency'?: (string);
  'guests'?: (_zonecast_global_v1_Guests | null);
  'overflow'?: (_zonecast_global_v1_Overflow | null);
  'revision'?: (number | string | Long);
  '_residency'?: "residency";
}

export interface Policy__Output {
  'scope': (string);
  'residency'?: (string);
  'guests': (_zonecast_global_v1_Guests__Output | null);
  'overflow': (_zonecast_global_v1_Overflow__Output | null);
  'revision': (number);
  '_residency'?: "residency";
}
