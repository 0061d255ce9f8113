/**
 * Loads the .proto files with the one set of options that the generated types in `proto/gen` describe, and hands out
 * typed service definitions: `Service.service` for a server's `addService`, `new Service(address, credentials)` for a
 * client, and the package definition that gRPC reflection serves.
 */
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';
import type { ProtoGrpcType as AdminGrpcType } from './gen/admin.ts';
import type { ProtoGrpcType as CascadeGrpcType } from './gen/cascade.ts';
import type { ProtoGrpcType as GlobalGrpcType } from './gen/global.ts';
import type { ProtoGrpcType as MeetingsGrpcType } from './gen/meetings.ts';
import type { ProtoGrpcType as RouterGrpcType } from './gen/router.ts';
import type { ProtoGrpcType as ZoneGrpcType } from './gen/zone.ts';

/** uint64 (epochs) are numbers: they count placements and stay far below 2^53. */
const LOAD_OPTIONS: Options = { longs: Number, enums: String, defaults: true, oneofs: true };

function load(file: string): PackageDefinition {
  return loadSync(fileURLToPath(new URL(file, import.meta.url)), LOAD_OPTIONS);
}

export const adminPackage: PackageDefinition = load('admin.proto');
export const cascadePackage: PackageDefinition = load('cascade.proto');
export const globalPackage: PackageDefinition = load('global.proto');
export const meetingsPackage: PackageDefinition = load('meetings.proto');
export const routerPackage: PackageDefinition = load('router.proto');
export const zonePackage: PackageDefinition = load('zone.proto');

// The casts: grpc-js cannot know the types of a package that it loads at run time; a test checks that the generated
// types are those of the .proto files.
const adminTypes = loadPackageDefinition(adminPackage) as unknown as AdminGrpcType;
const cascadeTypes = loadPackageDefinition(cascadePackage) as unknown as CascadeGrpcType;
const globalTypes = loadPackageDefinition(globalPackage) as unknown as GlobalGrpcType;
const meetingsTypes = loadPackageDefinition(meetingsPackage) as unknown as MeetingsGrpcType;
const routerTypes = loadPackageDefinition(routerPackage) as unknown as RouterGrpcType;
const zoneTypes = loadPackageDefinition(zonePackage) as unknown as ZoneGrpcType;

/** `AdminService.service` is the definition for servers; `new AdminService(address, credentials)` a client. */
export const AdminService = adminTypes.zonecast.admin.v1.Admin;
/** `CascadeService.service` is the definition for servers; `new CascadeService(address, credentials)` a client. */
export const CascadeService = cascadeTypes.zonecast.cascade.v1.Cascade;
/** `GlobalService.service` is the definition for servers; `new GlobalService(address, credentials)` a client. */
export const GlobalService = globalTypes.zonecast.global.v1.Global;
/** `MeetingsService.service` is the definition for servers; `new MeetingsService(address, credentials)` a client. */
export const MeetingsService = meetingsTypes.zonecast.meetings.v1.Meetings;
/** `RouterService.service` is the definition for servers; `new RouterService(address, credentials)` a client. */
export const RouterService = routerTypes.zonecast.router.v1.Router;
/** `ZoneService.service` is the definition for servers; `new ZoneService(address, credentials)` a client. */
export const ZoneService = zoneTypes.zonecast.zone.v1.Zone;
