/** What a certificate authority is shown that asks whether a name is ours (RFC 8737, TLS-ALPN-01). */
import { createSecureContext, type SecureContext } from 'node:tls';
import type { CertificatePair } from '../../common/mutual-tls.ts';

/** RFC 8737 section 4. */
export const ACME_PROTOCOL = 'acme-tls/1';

export class ChallengeCertificates {
  /** By name; no more than are asked for at once. */
  readonly #contexts = new Map<string, SecureContext>();

  /** Shows this certificate to the authority until `hide`. */
  show(domain: string, { certificatePem: cert, privateKeyPem: key }: CertificatePair): void {
    this.#contexts.set(domain, createSecureContext({ cert, key, minVersion: 'TLSv1.2' }));
  }

  hide(domain: string): void {
    this.#contexts.delete(domain);
  }

  /** For the name that a handshake asks for; undefined: nobody has been told to look at it. */
  find(host: string): SecureContext | undefined {
    return this.#contexts.get(host.toLowerCase());
  }
}
