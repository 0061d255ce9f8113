// Original file: proto/cascade.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Frame as _zonecast_cascade_v1_Frame, Frame__Output as _zonecast_cascade_v1_Frame__Output } from '../../../zonecast/cascade/v1/Frame.ts';

export interface CascadeClient extends grpc.Client {
  Link(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_cascade_v1_Frame, _zonecast_cascade_v1_Frame__Output>;
  Link(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_cascade_v1_Frame, _zonecast_cascade_v1_Frame__Output>;
  link(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_cascade_v1_Frame, _zonecast_cascade_v1_Frame__Output>;
  link(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_cascade_v1_Frame, _zonecast_cascade_v1_Frame__Output>;
  
}

export interface CascadeHandlers extends grpc.UntypedServiceImplementation {
  Link: grpc.handleBidiStreamingCall<_zonecast_cascade_v1_Frame__Output, _zonecast_cascade_v1_Frame>;
  
}

export interface CascadeDefinition extends grpc.ServiceDefinition {
  Link: MethodDefinition<_zonecast_cascade_v1_Frame, _zonecast_cascade_v1_Frame, _zonecast_cascade_v1_Frame__Output, _zonecast_cascade_v1_Frame__Output>
}
