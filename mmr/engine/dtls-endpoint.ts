/**
 * DTLS 1.2 endpoint without I/O (RFC 6347, 5764): datagrams in, datagrams out, SRTP keys at the end. Whether the
 * peer's certificate is the right one is for the caller to say: every certificate is accepted here.
 */
import { createHash } from 'node:crypto';
import { asEngineError } from './engine-error.ts';
import { type NativeDtlsContext, type NativeDtlsEndpoint, native } from './native-addon.ts';
import { SRTP_PROFILES, type SrtpKeys, srtpKeySizes } from './srtp-keys.ts';

/** Certificate, private key and settings that the endpoints of one router share. */
export class DtlsContext {
  /** For DtlsEndpoint. */
  readonly handle: NativeDtlsContext;

  /** Throws EngineError DTLS_CERTIFICATE. */
  constructor(certificatePem: string, privateKeyPem: string) {
    this.handle = asEngineError(() => native.dtlsContext(certificatePem, privateKeyPem));
  }
}

const STATES = ['handshaking', 'connected', 'failed', 'closed'] as const;
/** closed: the peer said close_notify or a fatal authenticated alert after the handshake, or `close` was called. */
export type DtlsState = (typeof STATES)[number];

export class DtlsEndpoint {
  readonly #endpoint: NativeDtlsEndpoint;
  readonly #server: boolean;

  /** A client has its first flight ready at once. */
  constructor(context: DtlsContext, role: 'server' | 'client') {
    this.#server = role === 'server';
    this.#endpoint = asEngineError(() => native.dtlsOpen(context.handle, this.#server));
  }

  /** One datagram in; what is to be answered waits in `takeOutgoing`. Hostile bytes change `state` at most. */
  handle(datagram: Uint8Array): void {
    native.dtlsHandle(this.#endpoint, datagram);
  }

  /** The next datagram to send, until undefined. */
  takeOutgoing(): Uint8Array | undefined {
    return native.dtlsTakeOutgoing(this.#endpoint);
  }

  /** To be called when `timeoutUs` has passed: sends the last flight again, gives up in the end. */
  handleTimeout(): void {
    native.dtlsHandleTimeout(this.#endpoint);
  }

  /** Microseconds to the next retransmission, undefined when none is due. */
  timeoutUs(): number | undefined {
    const timeout = native.dtlsTimeoutUs(this.#endpoint);
    return timeout < 0 ? undefined : timeout;
  }

  get state(): DtlsState {
    return STATES[native.dtlsState(this.#endpoint)] as DtlsState; // the addon's four states, in this order
  }

  /** The peer's certificate as DER; undefined unless `connected`: only then the peer has proved that it is its own. */
  peerCertificateDer(): Uint8Array | undefined {
    return native.dtlsPeerCertificate(this.#endpoint);
  }

  /** Hash of the peer's certificate, to compare with `a=fingerprint` (RFC 8122 section 5). */
  fingerprint(algorithm: 'sha-256' | 'sha-384' | 'sha-512'): Uint8Array | undefined {
    const certificate = this.peerCertificateDer();
    if (certificate === undefined) return undefined;
    return createHash(algorithm.replace('-', '')).update(certificate).digest();
  }

  /** Exported keys (RFC 5764 section 4.2) the right way round for our role; undefined before `connected`. */
  srtpKeys(): SrtpKeys | undefined {
    const profile = SRTP_PROFILES[native.dtlsSrtpProfile(this.#endpoint)];
    const material = native.dtlsSrtpKeyMaterial(this.#endpoint);
    if (profile === undefined || material === undefined) return undefined;
    const { key, salt } = srtpKeySizes(profile);
    const clientKey = material.subarray(0, key);
    const serverKey = material.subarray(key, 2 * key);
    const clientSalt = material.subarray(2 * key, 2 * key + salt);
    const serverSalt = material.subarray(2 * key + salt, 2 * key + 2 * salt);
    return this.#server
      ? { profile, ingressKey: clientKey, ingressSalt: clientSalt, egressKey: serverKey, egressSalt: serverSalt }
      : { profile, ingressKey: serverKey, ingressSalt: serverSalt, egressKey: clientKey, egressSalt: clientSalt };
  }

  /** Says close_notify (one last `takeOutgoing`) and frees the session; every later call is without effect. */
  close(): void {
    native.dtlsClose(this.#endpoint);
  }
}
