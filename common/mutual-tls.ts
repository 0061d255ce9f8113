/**
 * Identity between daemons: every daemon has a leaf certificate of the zone's own authority, and says in it which
 * daemon it is (CN) and of what role (OU). `zonectl up` and the tests mint the authority; operators bring their own.
 */
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { mintCertificate } from './certificate.ts';
import { ZonecastError } from './errors.ts';

export interface MutualTls {
  /** The authority that a peer's certificate must chain to. */
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export type DaemonRole = 'zone-controller' | 'router';

/** A zone's authority. Its key stays in this object. */
export interface ZoneCertificates {
  readonly caPem: string;
  /** Mints a daemon's certificate; `name` is the daemon's id (letters, digits, `.`, `_`, `-`; at most 64). */
  issue(role: DaemonRole, name: string, hosts?: readonly string[]): Promise<MutualTls>;
}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 825;

/** Mints a new authority. Leaves are for loopback unless `issue` is given hosts. */
export async function mintZoneCertificates(): Promise<ZoneCertificates> {
  const authority = await mintCertificate({
    subject: 'CN=Zonecast zone authority',
    days: AUTHORITY_DAYS,
    isAuthority: true,
  });
  return {
    caPem: authority.certificatePem,
    async issue(role, name, hosts = LOOPBACK_HOSTS) {
      // The name goes into a distinguished name as text, so characters with a meaning there are refused.
      if (!/^[\w.-]{1,64}$/.test(name)) throw new ZonecastError('badConfig', `"${name}" is not a daemon's name.`);
      const subject = `CN=${name}, OU=${role}`;
      const leaf = await mintCertificate({ subject, hosts, days: LEAF_DAYS, issuer: authority });
      return {
        caPem: authority.certificatePem,
        certificatePem: leaf.certificatePem,
        privateKeyPem: leaf.privateKeyPem,
      };
    },
  };
}

/** Credentials of a gRPC server that refuses every client without a certificate of the authority. */
export function serverCredentials(tls: MutualTls): ServerCredentials {
  const pair = { private_key: Buffer.from(tls.privateKeyPem), cert_chain: Buffer.from(tls.certificatePem) };
  return ServerCredentials.createSsl(Buffer.from(tls.caPem), [pair], true);
}

/** Credentials of a gRPC client; the server's certificate must name the host that is dialled. */
export function clientCredentials(tls: MutualTls): ChannelCredentials {
  return ChannelCredentials.createSsl(
    Buffer.from(tls.caPem),
    Buffer.from(tls.privateKeyPem),
    Buffer.from(tls.certificatePem),
  );
}

/** Who a peer's certificate says it is; the shape is that of `tls.PeerCertificate`. */
export function peerIdentity(
  certificate: { readonly subject?: { readonly CN?: string | string[]; readonly OU?: string | string[] } } | undefined,
): { readonly role: string; readonly name: string } | undefined {
  const { CN: name, OU: role } = certificate?.subject ?? {};
  return typeof name === 'string' && typeof role === 'string' ? { role, name } : undefined;
}
