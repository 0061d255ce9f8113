import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Limits as _zonecast_zone_v1_Limits, Limits__Output as _zonecast_zone_v1_Limits__Output } from './zonecast/zone/v1/Limits.ts';
import type { MediaAddress as _zonecast_zone_v1_MediaAddress, MediaAddress__Output as _zonecast_zone_v1_MediaAddress__Output } from './zonecast/zone/v1/MediaAddress.ts';
import type { RegisterReply as _zonecast_zone_v1_RegisterReply, RegisterReply__Output as _zonecast_zone_v1_RegisterReply__Output } from './zonecast/zone/v1/RegisterReply.ts';
import type { Registration as _zonecast_zone_v1_Registration, Registration__Output as _zonecast_zone_v1_Registration__Output } from './zonecast/zone/v1/Registration.ts';
import type { TunnelOrders as _zonecast_zone_v1_TunnelOrders, TunnelOrders__Output as _zonecast_zone_v1_TunnelOrders__Output } from './zonecast/zone/v1/TunnelOrders.ts';
import type { TunnelRegistration as _zonecast_zone_v1_TunnelRegistration, TunnelRegistration__Output as _zonecast_zone_v1_TunnelRegistration__Output } from './zonecast/zone/v1/TunnelRegistration.ts';
import type { ZoneClient as _zonecast_zone_v1_ZoneClient, ZoneDefinition as _zonecast_zone_v1_ZoneDefinition } from './zonecast/zone/v1/Zone.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zonecast: {
    zone: {
      v1: {
        Limits: MessageTypeDefinition<_zonecast_zone_v1_Limits, _zonecast_zone_v1_Limits__Output>
        MediaAddress: MessageTypeDefinition<_zonecast_zone_v1_MediaAddress, _zonecast_zone_v1_MediaAddress__Output>
        RegisterReply: MessageTypeDefinition<_zonecast_zone_v1_RegisterReply, _zonecast_zone_v1_RegisterReply__Output>
        Registration: MessageTypeDefinition<_zonecast_zone_v1_Registration, _zonecast_zone_v1_Registration__Output>
        TunnelOrders: MessageTypeDefinition<_zonecast_zone_v1_TunnelOrders, _zonecast_zone_v1_TunnelOrders__Output>
        TunnelRegistration: MessageTypeDefinition<_zonecast_zone_v1_TunnelRegistration, _zonecast_zone_v1_TunnelRegistration__Output>
        Zone: SubtypeConstructor<typeof grpc.Client, _zonecast_zone_v1_ZoneClient> & { service: _zonecast_zone_v1_ZoneDefinition }
      }
    }
  }
}

