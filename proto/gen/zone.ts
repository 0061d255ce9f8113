import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Load as _zonecast_zone_v1_Load, Load__Output as _zonecast_zone_v1_Load__Output } from './zonecast/zone/v1/Load.ts';
import type { RegisterReply as _zonecast_zone_v1_RegisterReply, RegisterReply__Output as _zonecast_zone_v1_RegisterReply__Output } from './zonecast/zone/v1/RegisterReply.ts';
import type { Registration as _zonecast_zone_v1_Registration, Registration__Output as _zonecast_zone_v1_Registration__Output } from './zonecast/zone/v1/Registration.ts';
import type { RouterReport as _zonecast_zone_v1_RouterReport, RouterReport__Output as _zonecast_zone_v1_RouterReport__Output } from './zonecast/zone/v1/RouterReport.ts';
import type { WorkerLoad as _zonecast_zone_v1_WorkerLoad, WorkerLoad__Output as _zonecast_zone_v1_WorkerLoad__Output } from './zonecast/zone/v1/WorkerLoad.ts';
import type { ZoneClient as _zonecast_zone_v1_ZoneClient, ZoneDefinition as _zonecast_zone_v1_ZoneDefinition } from './zonecast/zone/v1/Zone.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zonecast: {
    zone: {
      v1: {
        Load: MessageTypeDefinition<_zonecast_zone_v1_Load, _zonecast_zone_v1_Load__Output>
        RegisterReply: MessageTypeDefinition<_zonecast_zone_v1_RegisterReply, _zonecast_zone_v1_RegisterReply__Output>
        Registration: MessageTypeDefinition<_zonecast_zone_v1_Registration, _zonecast_zone_v1_Registration__Output>
        RouterReport: MessageTypeDefinition<_zonecast_zone_v1_RouterReport, _zonecast_zone_v1_RouterReport__Output>
        WorkerLoad: MessageTypeDefinition<_zonecast_zone_v1_WorkerLoad, _zonecast_zone_v1_WorkerLoad__Output>
        Zone: SubtypeConstructor<typeof grpc.Client, _zonecast_zone_v1_ZoneClient> & { service: _zonecast_zone_v1_ZoneDefinition }
      }
    }
  }
}

