/** How a daemon reaches the NATS servers between the zones: the configuration's `nats` section. */
import { z } from 'zod';
import { hostAndPort } from '../../common/config-fields.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MutualTls } from '../../common/mutual-tls.ts';
import { mutualTlsOf, PemFiles, readPem } from '../../common/pem-files.ts';

const timeoutMs = z.int().min(100).max(60_000);

export const natsConfig = z.strictObject({
  servers: z.array(hostAndPort).min(1).describe('host:port of the servers; all of a cluster.'),
  tls: z
    .strictObject({
      ca: z.string().describe("File with the authority of the servers' certificates (PEM)."),
      certificate: z.string().describe("File with this daemon's certificate (PEM)."),
      privateKey: z.string().describe('File with its private key (PEM, PKCS #8).'),
    })
    .optional()
    .describe('Without it: no encryption, for loopback and tests.'),
  nkeySeedFile: z.string().optional().describe("File with the seed of the zone's NKey (SU…)."),
  credentialsFile: z.string().optional().describe("Instead: file with the zone's JWT and seed (.creds)."),
  dialTimeoutMs: timeoutMs.default(2_000).describe('A server that does not answer within this is left for another.'),
  requestTimeoutMs: timeoutMs.default(5_000).describe('Deadline of a call to a bucket.'),
});
export type NatsConfig = z.output<typeof natsConfig>;

/** Text as NATS wants it, with the line ends of its file. */
export type NatsCredentials = { readonly nkeySeed: string } | { readonly credentials: string };

/** The configuration with its files read. */
export interface NatsSettings {
  readonly servers: readonly string[];
  /** Read again at each connection: what was renewed is used from the next on. */
  readonly tls: MutualTls | undefined;
  readonly credentials: NatsCredentials | undefined;
  readonly dialTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** @throws ZonecastError `badConfig` when a file cannot be read or both kinds of credentials are given */
export function readNatsSettings(config: NatsConfig): NatsSettings {
  const { servers, tls, dialTimeoutMs, requestTimeoutMs } = config;
  return {
    servers,
    tls: tls && mutualTlsOf(new PemFiles('nats.tls', tls)),
    credentials: readCredentials(config),
    dialTimeoutMs,
    requestTimeoutMs,
  };
}

function readCredentials({ nkeySeedFile, credentialsFile }: NatsConfig): NatsCredentials | undefined {
  if (nkeySeedFile !== undefined && credentialsFile !== undefined) {
    throw new ZonecastError('badConfig', 'Of nats.nkeySeedFile and nats.credentialsFile, give one.');
  }
  if (nkeySeedFile !== undefined) return { nkeySeed: readPem(nkeySeedFile).trim() };
  return credentialsFile === undefined ? undefined : { credentials: readPem(credentialsFile) };
}
