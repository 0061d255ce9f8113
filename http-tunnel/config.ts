/**
 * The HTTP tunnel's configuration: one YAML file, all its keys here. Unknown keys are refused. For operators the same is in
 * `http-tunnel.sample.yaml`; a test keeps the two together.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { network } from '../common/address-list.ts';
import { loadConfig } from '../common/config.ts';
import { daemonFields, daemonId, hostAndPort, mutualTlsFiles } from '../common/config-fields.ts';

const ipAddress = z.string().refine((text) => isIP(text) !== 0, 'must be an IP address');
const portNumber = z.int().min(1).max(65_535);

const turnConfig = z.strictObject({
  udp: z.array(hostAndPort).default([]).describe('address:port to listen at, by UDP.'),
  tcp: z.array(hostAndPort).default([]).describe('address:port to listen at, by TCP without TLS.'),
  relays: z
    .array(z.strictObject({ address: ipAddress, announced: ipAddress.optional() }))
    .min(1)
    .max(2)
    .describe('Addresses that media goes to the routers from: one of IPv4, one of IPv6.'),
  relayPorts: z
    .strictObject({ min: portNumber, max: portNumber })
    .optional()
    .describe('UDP ports of relays. Without it: any.'),
});

const DNS_NAME = /^(?=.{1,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*(?!\d+$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;

const acmeConfig = z.strictObject({
  directory: z
    .url({ protocol: /^https$/ })
    .default('https://acme-v02.api.letsencrypt.org/directory')
    .describe('Of the certificate authority.'),
  ca: z.string().optional().describe("File with the authority of the directory's own certificate (PEM)."),
  agreeToTerms: z.literal(
    true,
    "must be true: nothing is issued to who does not agree to the authority's terms of service",
  ),
  contacts: z.array(z.email()).default([]).describe('Whom the authority may write to.'),
  domains: z
    .array(z.string().regex(DNS_NAME, 'must be a DNS name in lower case, and no wildcard'))
    .min(1)
    .max(100)
    .describe('Names of this tunnel, all in one certificate.'),
  stateDirectory: z
    .string()
    .startsWith('/', 'must be an absolute path')
    .default('/var/lib/zonecast-http-tunnel/acme')
    .describe('Where the account and the certificate are kept. No other tunnel may have it.'),
});

const tunnelFields = z.strictObject({
  tunnel: daemonId.describe('Id of this tunnel; each has another.'),
  zone: daemonId.describe('Id of its zone.'),
  publicUrl: z.url({ protocol: /^https$/ }).describe('Where clients reach it.'),
  zoneControllers: z.array(hostAndPort).min(1).describe('host:port of the gRPC service of zone-controllers.'),
  tls: mutualTlsFiles,
  listen: z
    .array(
      z.strictObject({
        address: hostAndPort.describe('host:port; port 0 takes any.'),
        proxyProtocol: z.array(network).min(1).optional().describe('Load balancers that write PROXY headers.'),
      }),
    )
    .min(1)
    .default([{ address: '[::]:443' }])
    .describe('Where clients come to.'),
  certificates: z
    .array(z.strictObject({ certificate: z.string(), privateKey: z.string() }))
    .default([])
    .describe('Files (PEM) with the certificate chains that clients see, and their private keys.'),
  acme: acmeConfig.optional().describe('A certificate that the tunnel orders and renews by itself (RFC 8555).'),
  controllers: z
    .strictObject({
      urls: z
        .array(z.url({ protocol: /^https?$/ }))
        .default([])
        .describe('Where people reach them, until they have said so themselves.'),
      ca: z.string().optional().describe('File with the authority of their certificates (PEM).'),
    })
    .prefault({})
    .describe("The zone's zone-controllers, as people reach them."),
  allowedOrigins: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .describe("Origins of web pages, besides our own and the controllers', whose people may use tunnelled media."),
  turn: turnConfig.optional().describe('TURN, on the port above and others. Without it: none.'),
  limits: z
    .strictObject({
      connections: z.int().min(1).default(20_000).describe('Connections in all.'),
      connectionsPerAddress: z.int().min(1).default(2_000).describe('Of an IPv4 address or an IPv6 /64.'),
    })
    .prefault({}),
  ...daemonFields,
});

export const tunnelConfigSchema = tunnelFields.superRefine(({ certificates, acme, publicUrl }, { addIssue }) => {
  if (certificates.length > 0) return;
  const { hostname } = new URL(publicUrl);
  if (acme === undefined)
    addIssue({ code: 'custom', path: ['certificates'], message: 'must have one, or acme be there' });
  else if (!acme.domains.includes(hostname)) {
    addIssue({ code: 'custom', path: ['acme', 'domains'], message: `must have ${hostname}, the host of publicUrl` });
  }
});

export type TunnelConfig = z.output<typeof tunnelConfigSchema>;
export type AcmeConfig = z.output<typeof acmeConfig>;

/** Reads, checks and freezes the file. Throws ZonecastError `badConfig` that names every wrong key. */
export function loadTunnelConfig(path: string): TunnelConfig {
  return loadConfig(path, tunnelConfigSchema);
}

/** Of `hostAndPort`. */
export function splitHostAndPort(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) };
}
