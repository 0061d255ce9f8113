/** Minting of X.509 certificates: ECDSA P-256 keys, PEM out. */
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as Crypto); // the DOM's and Node's types of the one Web Crypto API

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Back-dating covers clocks that are a little behind ours. */
const BACKDATE_MS = 24 * 3600 * 1000;

export interface KeyPair {
  readonly keys: CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
  readonly certificatePem: string;
  /** PKCS #8 */
  readonly privateKeyPem: string;
}

export interface CertificateRequest {
  /** Distinguished name, e.g. `CN=router-1, OU=router`. */
  readonly subject: string;
  /** DNS names and IP addresses for the subject alternative name. */
  readonly hosts?: readonly string[];
  readonly days: number;
  readonly isAuthority?: boolean;
  /** Signer; the certificate signs itself when there is none. */
  readonly issuer?: KeyPair;
}

/** Makes a key and its certificate. */
export async function mintCertificate(request: CertificateRequest): Promise<KeyPair> {
  // The cast: with an EC algorithm generateKey always makes a pair.
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const nowMs = Date.now();
  const certificate = await x509.X509CertificateGenerator.create({
    // RFC 5280 section 4.1.2.2: positive, at most 20 octets.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    subject: request.subject,
    issuer: request.issuer?.certificate.subject ?? request.subject,
    notBefore: new Date(nowMs - BACKDATE_MS),
    notAfter: new Date(nowMs + request.days * 24 * 3600 * 1000),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: (request.issuer?.keys ?? keys).privateKey,
    extensions: await extensions(request, keys),
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    keys,
    certificate,
    certificatePem: `${certificate.toString('pem')}\n`,
    privateKeyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}

/** The pair that PEM texts of ours hold. @throws when they hold none, or not one of `ALGORITHM` */
export async function readKeyPair(certificatePem: string, privateKeyPem: string): Promise<KeyPair> {
  const certificate = new x509.X509Certificate(certificatePem);
  const pkcs8 = x509.PemConverter.decodeFirst(privateKeyPem);
  const privateKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, true, ['sign']);
  const publicKey = await certificate.publicKey.export(ALGORITHM, ['verify']);
  // The cast: the DOM's and Node's types of the one Web Crypto API.
  const keys = { privateKey, publicKey } as CryptoKeyPair;
  return { keys, certificate, certificatePem, privateKeyPem };
}

async function extensions(request: CertificateRequest, keys: CryptoKeyPair): Promise<x509.Extension[]> {
  const subjectKey = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey);
  if (request.isAuthority) {
    const usage = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;
    return [new x509.BasicConstraintsExtension(true, 0, true), new x509.KeyUsagesExtension(usage, true), subjectKey];
  }
  // Authorities of several zones have one name: the key tells which one has signed (RFC 5280 section 4.2.1.1).
  const { issuer } = request;
  const issuerKey = issuer && (await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey));
  const names = (request.hosts ?? []).map((host) => ({
    type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const),
    value: host,
  }));
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    subjectKey,
    ...(issuerKey === undefined ? [] : [issuerKey]),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}
