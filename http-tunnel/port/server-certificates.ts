/** The certificates that clients are shown: by the name they ask for, and as the files last were. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { CertificatePair } from '../../common/mutual-tls.ts';

interface Entry {
  readonly certificate: X509Certificate;
  readonly context: SecureContext;
}

const TLS_OPTIONS = { minVersion: 'TLSv1.2' } as const;

export class ServerCertificates {
  readonly #pairs: readonly CertificatePair[];
  readonly #forget: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();
  #entries: readonly Entry[];

  /**
   * The first is for who names no host, or one that none is for. A pair whose texts are empty has no certificate yet; without any, no
   * handshake comes to an end. Throws for what is no certificate.
   */
  constructor(pairs: readonly CertificatePair[]) {
    this.#pairs = pairs;
    this.#entries = this.#present.map(readEntry);
    for (const pair of pairs) {
      const forget = pair.onChange?.(() => this.#read());
      if (forget !== undefined) this.#forget.push(forget);
    }
  }

  /** The context for a host name that a client asks for (RFC 6066 section 3); undefined: the first one's. */
  find(host: string): SecureContext | undefined {
    return this.#entries.find(({ certificate }) => certificate.checkHost(host) !== undefined)?.context;
  }

  /** Of the first certificate, for the server. */
  get first(): SecureContextOptions {
    const [pair] = this.#present;
    return pair === undefined ? TLS_OPTIONS : contextOptions(pair);
  }

  /** The first name in each, and when it ends. */
  get expiries(): readonly { readonly name: string; readonly endMs: number }[] {
    return this.#entries.map(({ certificate }) => ({
      name: nameOf(certificate),
      endMs: certificate.validToDate.getTime(),
    }));
  }

  /** Whether there is one that has not ended. */
  get isAnyValid(): boolean {
    return this.expiries.some(({ endMs }) => endMs > Date.now());
  }

  /** Calls `listener` when a certificate has changed. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    for (const forget of this.#forget) forget();
  }

  get #present(): CertificatePair[] {
    return this.#pairs.filter(({ certificatePem }) => certificatePem !== '');
  }

  #read(): void {
    this.#entries = this.#present.map(readEntry);
    for (const listener of this.#listeners) listener();
  }
}

function readEntry(pair: CertificatePair): Entry {
  return { certificate: new X509Certificate(pair.certificatePem), context: createSecureContext(contextOptions(pair)) };
}

function contextOptions({ certificatePem: cert, privateKeyPem: key }: CertificatePair): SecureContextOptions {
  return { cert, key, ...TLS_OPTIONS };
}

function nameOf({ subjectAltName, subject }: X509Certificate): string {
  const [, name] = /(?:DNS|IP Address):([^,\s]+)/.exec(subjectAltName ?? '') ?? /CN=(.+)/.exec(subject) ?? [];
  return name ?? '';
}
