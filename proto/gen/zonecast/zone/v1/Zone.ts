// Original file: proto/zone.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { RegisterReply as _zonecast_zone_v1_RegisterReply, RegisterReply__Output as _zonecast_zone_v1_RegisterReply__Output } from '../../../zonecast/zone/v1/RegisterReply.ts';
import type { Registration as _zonecast_zone_v1_Registration, Registration__Output as _zonecast_zone_v1_Registration__Output } from '../../../zonecast/zone/v1/Registration.ts';

export interface ZoneClient extends grpc.Client {
  Register(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply__Output>;
  Register(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply__Output>;
  register(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply__Output>;
  register(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply__Output>;
  
}

export interface ZoneHandlers extends grpc.UntypedServiceImplementation {
  Register: grpc.handleBidiStreamingCall<_zonecast_zone_v1_Registration__Output, _zonecast_zone_v1_RegisterReply>;
  
}

export interface ZoneDefinition extends grpc.ServiceDefinition {
  Register: MethodDefinition<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply, _zonecast_zone_v1_Registration__Output, _zonecast_zone_v1_RegisterReply__Output>
}
