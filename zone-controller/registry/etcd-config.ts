/** How a zone-controller reaches etcd: the configuration's `etcd` section. Without it, the registry is memory. */
import { z } from 'zod';
import { hostAndPort } from '../../common/config-fields.ts';
import { ZonecastError } from '../../common/errors.ts';
import { readPem } from '../../common/pem-files.ts';

const timeoutMs = z.int().min(100).max(60_000);

export const etcdConfig = z.strictObject({
  endpoints: z.array(hostAndPort).min(1).describe('host:port of the members.'),
  tls: z
    .strictObject({
      ca: z.string().describe('File with the authority that the members chain to (PEM).'),
      certificate: z.string().optional().describe("File with this controller's certificate (PEM), if etcd wants one."),
      privateKey: z.string().optional().describe('File with its private key (PEM, PKCS #8).'),
    })
    .optional()
    .describe('Without it: no encryption, for loopback and tests.'),
  username: z.string().min(1).optional().describe('May read and write below /zonecast/.'),
  passwordFile: z.string().optional().describe('File whose first line is the password.'),
  dialTimeoutMs: timeoutMs.default(2_000).describe('A member that does not answer within this is left for another.'),
  requestTimeoutMs: timeoutMs
    .default(5_000)
    .describe('Deadline of a request. A call that has to wait for a member first may take twice as long.'),
});
export type EtcdConfig = z.output<typeof etcdConfig>;

/** The configuration with its files read. */
export interface EtcdSettings {
  readonly endpoints: readonly string[];
  readonly tls: { readonly ca: string; readonly client: EtcdClientCertificate | undefined } | undefined;
  readonly user: { readonly name: string; readonly password: string } | undefined;
  readonly dialTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface EtcdClientCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Throws ZonecastError `badConfig` when a file cannot be read or half of a pair is missing. */
export function readEtcdSettings(config: EtcdConfig): EtcdSettings {
  const { endpoints, tls, dialTimeoutMs, requestTimeoutMs } = config;
  return {
    endpoints,
    tls: tls && { ca: readPem(tls.ca), client: readClientCertificate(tls) },
    user: readUser(config),
    dialTimeoutMs,
    requestTimeoutMs,
  };
}

function readClientCertificate(tls: NonNullable<EtcdConfig['tls']>): EtcdClientCertificate | undefined {
  const { certificate, privateKey } = tls;
  if (certificate === undefined && privateKey === undefined) return undefined;
  if (certificate === undefined || privateKey === undefined) {
    throw new ZonecastError('badConfig', 'etcd.tls.certificate and etcd.tls.privateKey go together.');
  }
  return { certificate: readPem(certificate), privateKey: readPem(privateKey) };
}

function readUser({ username, passwordFile }: EtcdConfig): EtcdSettings['user'] {
  if (username === undefined && passwordFile === undefined) return undefined;
  if (username === undefined || passwordFile === undefined) {
    throw new ZonecastError('badConfig', 'etcd.username and etcd.passwordFile go together.');
  }
  const [password = ''] = readPem(passwordFile).split(/\r?\n/, 1);
  return { name: username, password };
}
