// Original file: proto/router.proto

import type { Long } from '@grpc/proto-loader';

export interface LeaveRequest {
  'meeting'?: (string);
  'epoch'?: (number | string | Long);
  'participant'?: (string);
  'kicked'?: (boolean);
  'room'?: (string);
}

export interface LeaveRequest__Output {
  'meeting': (string);
  'epoch': (number);
  'participant': (string);
  'kicked': (boolean);
  'room': (string);
}
