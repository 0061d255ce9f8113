// Original file: proto/zone.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { RegisterReply as _zonecast_zone_v1_RegisterReply, RegisterReply__Output as _zonecast_zone_v1_RegisterReply__Output } from '../../../zonecast/zone/v1/RegisterReply.ts';
import type { Registration as _zonecast_zone_v1_Registration, Registration__Output as _zonecast_zone_v1_Registration__Output } from '../../../zonecast/zone/v1/Registration.ts';
import type { TunnelOrders as _zonecast_zone_v1_TunnelOrders, TunnelOrders__Output as _zonecast_zone_v1_TunnelOrders__Output } from '../../../zonecast/zone/v1/TunnelOrders.ts';
import type { TunnelRegistration as _zonecast_zone_v1_TunnelRegistration, TunnelRegistration__Output as _zonecast_zone_v1_TunnelRegistration__Output } from '../../../zonecast/zone/v1/TunnelRegistration.ts';

export interface ZoneClient extends grpc.Client {
  Register(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply__Output>;
  Register(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply__Output>;
  register(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply__Output>;
  register(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply__Output>;
  
  RegisterTunnel(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_TunnelRegistration, _zonecast_zone_v1_TunnelOrders__Output>;
  RegisterTunnel(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_TunnelRegistration, _zonecast_zone_v1_TunnelOrders__Output>;
  registerTunnel(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_TunnelRegistration, _zonecast_zone_v1_TunnelOrders__Output>;
  registerTunnel(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zonecast_zone_v1_TunnelRegistration, _zonecast_zone_v1_TunnelOrders__Output>;
  
}

export interface ZoneHandlers extends grpc.UntypedServiceImplementation {
  Register: grpc.handleBidiStreamingCall<_zonecast_zone_v1_Registration__Output, _zonecast_zone_v1_RegisterReply>;
  
  RegisterTunnel: grpc.handleBidiStreamingCall<_zonecast_zone_v1_TunnelRegistration__Output, _zonecast_zone_v1_TunnelOrders>;
  
}

export interface ZoneDefinition extends grpc.ServiceDefinition {
  Register: MethodDefinition<_zonecast_zone_v1_Registration, _zonecast_zone_v1_RegisterReply, _zonecast_zone_v1_Registration__Output, _zonecast_zone_v1_RegisterReply__Output>
  RegisterTunnel: MethodDefinition<_zonecast_zone_v1_TunnelRegistration, _zonecast_zone_v1_TunnelOrders, _zonecast_zone_v1_TunnelRegistration__Output, _zonecast_zone_v1_TunnelOrders__Output>
}
