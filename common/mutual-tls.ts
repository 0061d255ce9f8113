/**
 * Identity between daemons: every daemon has a leaf certificate of the zone's own authority, and says in it which
 * daemon it is (CN) and of what role (OU). `zonectl up` and the tests mint the authority for their own life;
 * operators make one with `zonectl certificates`, or bring their own.
 */
import { ChannelCredentials, experimental, ServerCredentials } from '@grpc/grpc-js';
import { type KeyPair, mintCertificate, readKeyPair } from './certificate.ts';
import { certificateProvider } from './certificate-provider.ts';
import { ZonecastError } from './errors.ts';

export interface CertificatePair {
  readonly certificatePem: string;
  /** PKCS #8 */
  readonly privateKeyPem: string;
  /** There when the rest can change: calls `listener` after every change, until the returned function is called. */
  readonly onChange?: (listener: () => void) => () => void;
}

export interface MutualTls extends CertificatePair {
  /** The authority that a peer's certificate must chain to. */
  readonly caPem: string;
}

/** `operator` is no daemon: it is whoever may use the admin service of controllers. */
export type DaemonRole = 'zone-controller' | 'router' | 'http-tunnel' | 'etcd' | 'operator';

/** A zone's authority. */
export interface ZoneCertificates {
  readonly caPem: string;
  /** Who has this can be any daemon of the zone: for whoever issues certificates, nobody else. */
  readonly caPrivateKeyPem: string;
  /** Mints a daemon's certificate; `name` is the daemon's id (letters, digits, `.`, `_`, `-`; at most 64). */
  issue(role: DaemonRole, name: string, hosts?: readonly string[]): Promise<MutualTls>;
}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 825;

/** Mints a new authority. Leaves are for loopback unless `issue` is given hosts. */
export async function mintZoneCertificates(name = 'Zonecast zone authority'): Promise<ZoneCertificates> {
  return zoneCertificates(await mintCertificate({ subject: `CN=${name}`, days: AUTHORITY_DAYS, isAuthority: true }));
}

/** An authority that was minted before. @throws ZonecastError `badConfig` when the texts hold none */
export async function readZoneCertificates(caPem: string, caPrivateKeyPem: string): Promise<ZoneCertificates> {
  let authority: KeyPair;
  try {
    authority = await readKeyPair(caPem, caPrivateKeyPem);
  } catch (error) {
    throw new ZonecastError('badConfig', 'This is no authority of ours (PEM, ECDSA P-256).', { cause: error });
  }
  return zoneCertificates(authority);
}

function zoneCertificates(authority: KeyPair): ZoneCertificates {
  return {
    caPem: authority.certificatePem,
    caPrivateKeyPem: authority.privateKeyPem,
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
  if (tls.onChange !== undefined) {
    const provider = certificateProvider(tls, tls.onChange);
    return experimental.createCertificateProviderServerCredentials(provider, provider, true);
  }
  const pair = { private_key: Buffer.from(tls.privateKeyPem), cert_chain: Buffer.from(tls.certificatePem) };
  return ServerCredentials.createSsl(Buffer.from(tls.caPem), [pair], true);
}

/** Credentials of a gRPC client; the server's certificate must name the host that is dialled. */
export function clientCredentials(tls: MutualTls): ChannelCredentials {
  if (tls.onChange !== undefined) {
    const provider = certificateProvider(tls, tls.onChange);
    return experimental.createCertificateProviderChannelCredentials(provider, provider);
  }
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
