/**
 * The global controller's configuration: one YAML file, all its keys here. Unknown keys are refused. For operators the same is
 * in `global-controller.sample.yaml`; a test keeps the two together.
 */
import { z } from 'zod';
import { natsConfig } from '../bus/nats/nats-settings.ts';
import { loadConfig } from '../common/config.ts';
import { auditSettings, daemonFields, daemonId, hostAndPort, mutualTlsFiles } from '../common/config-fields.ts';
import { DEFAULT_BUCKET_MIB, MAX_ZONE_ID } from './buckets.ts';
import { policyWish } from './policies/policy.ts';
import { zoneRecord } from './zones/zone-record.ts';

const { publicKey: _, caPem: __, drained: ___, ...recordFields } = zoneRecord.shape;

const zoneDeclaration = z.strictObject({
  publicKey: z.string().describe("File with the zone's public key (PEM, Ed25519)."),
  ca: z.string().describe("File with the authority of the zone's routers (PEM)."),
  ...recordFields,
  drained: z.boolean().optional().describe('Nobody new is to go there. Without it: as operators have set it last.'),
});
export type ZoneDeclaration = z.output<typeof zoneDeclaration>;

export const globalConfigSchema = z.strictObject({
  instance: daemonId.describe('Name of this instance; each has another.'),
  privateKey: z.string().describe('File with the key of the world (PEM, Ed25519); the same for all instances.'),
  nats: natsConfig.describe('The bus between the zones.'),
  copies: z
    .union([z.literal(1), z.literal(3), z.literal(5)])
    .default(3)
    .describe('Servers that keep what is written.'),
  bucketMiB: z.int().min(1).max(65_536).default(DEFAULT_BUCKET_MIB).describe('The most that each bucket may take.'),
  zones: z
    .record(daemonId.max(MAX_ZONE_ID), zoneDeclaration)
    .describe('The zones there are. Written to the directory at start.'),
  policies: z
    .record(z.string(), policyWish)
    .default({})
    .describe('By scope: default, zone.ZONE, account.ACCOUNT. Written at start.'),
  operators: z
    .strictObject({
      listen: hostAndPort.describe('host:port of the gRPC service for operators.'),
      tls: mutualTlsFiles,
    })
    .optional()
    .describe('Without it: no such service.'),
  audit: auditSettings,
  ...daemonFields,
});
export type GlobalConfig = z.output<typeof globalConfigSchema>;

/** Reads, checks and freezes the file. Throws ZonecastError `badConfig` that names every wrong key. */
export function loadGlobalConfig(path: string): GlobalConfig {
  return loadConfig(path, globalConfigSchema);
}
