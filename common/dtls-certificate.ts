/** The self-signed certificate of a router's DTLS endpoints; its peers know it by the fingerprint in the SDP. */
import { createHash } from 'node:crypto';
import { mintCertificate } from './certificate.ts';

export interface DtlsCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** SHA-256 of the DER certificate (RFC 8122 section 5), 32 bytes. */
  readonly fingerprintSha256: Uint8Array;
}

/** RFC 8827 section 6.5: ECDSA P-256. 30 days: a router mints a new one at every start. */
export async function mintDtlsCertificate(): Promise<DtlsCertificate> {
  // The common name says nothing about the machine: every peer sees it.
  const pair = await mintCertificate({ subject: 'CN=WebRTC', days: 30 });
  const fingerprint = createHash('sha256').update(new Uint8Array(pair.certificate.rawData)).digest();
  return {
    certificatePem: pair.certificatePem,
    privateKeyPem: pair.privateKeyPem,
    fingerprintSha256: new Uint8Array(fingerprint),
  };
}
