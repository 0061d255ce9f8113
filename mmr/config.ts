/**
 * The router daemon's configuration: one YAML file, all its keys here. Unknown keys are refused. For operators the
 * same is in `router.sample.yaml`; a test keeps the two together.
 */

import { isIP } from 'node:net';
import { availableParallelism, networkInterfaces } from 'node:os';
import { z } from 'zod';
import { loadConfig } from '../common/config.ts';
import { daemonFields, daemonId, hostAndPort, mutualTlsFiles } from '../common/config-fields.ts';

const ipAddress = z.string().refine((text) => isIP(text) !== 0, 'must be an IP address');

export const routerConfigSchema = z.strictObject({
  router: daemonId.describe('Id of this router, unique in the zone; its certificate names it.'),
  zoneControllers: z
    .union([hostAndPort, z.array(hostAndPort).min(1)])
    .transform((one) => (typeof one === 'string' ? [one] : one))
    .describe("host:port of each zone-controller's gRPC service; a single one needs no list."),
  labels: z.record(daemonId, daemonId).default({}).describe('Where it stands: `rack` and `part` count.'),
  taints: z.array(daemonId).default([]).describe('What keeps meetings away.'),
  grpc: z
    .strictObject({
      listen: hostAndPort.default('0.0.0.0:9701').describe('host:port of our gRPC service.'),
      advertisedHost: z
        .string()
        .regex(/^[\w.:[\]-]+$/)
        .optional()
        .describe('Host by which zone-controllers reach us; needed when `listen` names all addresses.'),
    })
    .refine(({ listen, advertisedHost }) => advertisedHost !== undefined || !/^(0\.0\.0\.0|\[::\]):/.test(listen), {
      path: ['advertisedHost'],
      message: 'needed, because `listen` names all addresses',
    }),
  zones: z
    .strictObject({
      listen: hostAndPort.describe('host:port of the gRPC service for routers of other zones.'),
      advertisedHost: z
        .string()
        .regex(/^[\w.:[\]-]+$/)
        .optional()
        .describe('Host by which they reach us. Default: grpc.advertisedHost, or that of `listen`.'),
    })
    .optional()
    .describe('Where routers of other zones call us. Without it, we call them or have nothing to do with them.'),
  tls: mutualTlsFiles,
  media: z.strictObject({
    address: ipAddress.default('::').describe('Address that media sockets bind; "::" takes IPv4 and IPv6.'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(8801)
      .describe('First port; each worker takes the next one, UDP and TCP. 0 = any free ones.'),
    tcp: z
      .boolean()
      .default(true)
      .describe('Whether clients may come to the same ports by TCP, where UDP is closed to them.'),
    announce: z
      .array(ipAddress)
      .min(1)
      .optional()
      .describe("Addresses that clients reach, best first. Default: the machine's own, which is wrong behind NAT."),
    workers: z.int().min(1).max(256).optional().describe('Media threads. Default: one per core but one, at least one.'),
    maxParticipantsPerWorker: z.int().min(1).max(10_000).default(500).describe('Joins beyond are refused.'),
    maxPacketsPerSecondPerWorker: z
      .int()
      .min(1_000)
      .default(300_000)
      .describe('In and out; meetings are placed so that a worker stays below.'),
  }),
  ...daemonFields,
});

export type RouterConfig = z.output<typeof routerConfigSchema>;

/** Reads, checks and freezes the file. Throws ZonecastError `badConfig` that names every wrong key. */
export function loadRouterConfig(path: string): RouterConfig {
  return loadConfig(path, routerConfigSchema);
}

/** `media.workers` by default. */
export function defaultWorkers(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** `media.announce` by default: every address of this machine that others can reach, or else loopback. */
export function defaultAnnounce(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const reachable = all.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
  // IPv4 first: more networks carry it.
  const ordered = reachable.toSorted((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
  return ordered.length > 0 ? ordered : ['127.0.0.1'];
}
