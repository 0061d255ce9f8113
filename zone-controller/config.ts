/**
 * The zone-controller daemon's configuration: one YAML file, all its keys here. Unknown keys are refused. For operators
 * the same is in `zone-controller.sample.yaml`; a test keeps the two together.
 */
import { z } from 'zod';
import { network } from '../common/address-list.ts';
import { loadConfig } from '../common/config.ts';
import { daemonFields, daemonId, hostAndPort, mutualTlsFiles } from '../common/config-fields.ts';
import { placementConfig } from './placement/placement-config.ts';
import { etcdConfig } from './registry/etcd-config.ts';
import { serviceFields } from './service/service-config.ts';
import { worldConfig } from './world/world-config.ts';

const rate = z.strictObject({
  burst: z.number().positive().describe('At once.'),
  perSecond: z.number().positive().describe('In the long run.'),
});

export const zoneConfigSchema = z.strictObject({
  zone: daemonId.describe('Id of the zone.'),
  http: z.strictObject({
    host: z.string().default('::').describe('Address that page and signalling listen at.'),
    port: z.int().min(0).max(65_535).default(443).describe('TCP port of page and signalling; 0 takes any.'),
    certificate: z.string().optional().describe('File with the certificate chain (PEM). Without it: plain HTTP.'),
    privateKey: z.string().optional().describe('File with its private key (PEM).'),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where people reach this, for invite links.'),
    allowedOrigins: z
      .array(z.url({ protocol: /^https?$/ }))
      .default([])
      .describe('Origins of web pages, besides our own, that may create and join meetings.'),
    trustedProxies: z
      .array(network)
      .default([])
      .describe('Addresses of HTTP tunnels and other proxies. Who comes by them is whom they say.'),
    tunnelUrls: z
      .array(z.string().regex(/^https:\/\/(\*\.)?[\w-]+(\.[\w-]+)+(:\d{1,5})?$/, 'not as https://tunnel.example.org'))
      .default([])
      .describe('Where HTTP tunnels may be, for pages that are loaded before they are there.'),
  }),
  grpc: z.strictObject({
    listen: hostAndPort.default('[::]:9700').describe('host:port of the gRPC service for routers.'),
  }),
  tls: mutualTlsFiles,
  etcd: etcdConfig.optional().describe('The registry that the controllers of the zone share. Without it: memory.'),
  world: worldConfig.optional().describe('The other zones. Without it: the zone is alone.'),
  limits: z
    .strictObject({
      createMeeting: rate.optional().describe('New meetings per address or person.'),
      request: rate.optional().describe('Requests of the HTTP API per address.'),
      access: rate.optional().describe('Tickets for HTTP tunnels per address.'),
      join: rate.optional().describe('Joins per address.'),
      wrongGuess: rate.optional().describe('Wrong passcodes per address.'),
      connections: z.int().min(1).optional().describe('Connections in all.'),
      connectionsPerAddress: z.int().min(1).optional(),
      participantsPerMeeting: z.int().min(1).optional(),
      definitions: z.int().min(1).optional().describe('Meetings that exist at a time.'),
      meetingsPerPerson: z.int().min(1).optional().describe('That one person owns.'),
    })
    .default({})
    .describe(
      'Each key that is left out is as in limits/zone-limits.ts. An address is an IPv4 address or an IPv6 /64.',
    ),
  ...serviceFields,
  placement: placementConfig.prefault({}).describe('Which worker of which router carries whom.'),
  ...daemonFields,
});

export type ZoneConfig = z.output<typeof zoneConfigSchema>;

/** Reads, checks and freezes the file. Throws ZonecastError `badConfig` that names every wrong key. */
export function loadZoneConfig(path: string): ZoneConfig {
  return loadConfig(path, zoneConfigSchema);
}
