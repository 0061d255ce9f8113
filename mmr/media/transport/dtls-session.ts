/**
 * The DTLS endpoint as the transport sees it. The engine's DtlsEndpoint has this shape; tests script one. It keeps
 * its own retransmission clock; everything else about time is the transport's.
 */
import type { Fingerprint } from '../negotiated.ts';

export type SrtpProfile = 'AEAD_AES_256_GCM' | 'AEAD_AES_128_GCM' | 'AES128_CM_HMAC_SHA1_80';

/** Master keys and salts by direction, seen from us: ingress is what the peer sends (RFC 5764 section 4.2). */
export interface SrtpKeys {
  readonly profile: SrtpProfile;
  readonly ingressKey: Uint8Array;
  readonly ingressSalt: Uint8Array;
  readonly egressKey: Uint8Array;
  readonly egressSalt: Uint8Array;
}

export type DtlsRole = 'server' | 'client';

/** `closed`: by close_notify or a fatal alert that was authenticated. */
export type DtlsState = 'handshaking' | 'connected' | 'failed' | 'closed';

export interface DtlsSession {
  readonly state: DtlsState;
  /** One datagram in. Never throws for hostile bytes; does not keep `datagram`. */
  handle(datagram: Uint8Array): void;
  /** The next datagram to send, until undefined. Valid until the next call on this session. */
  takeOutgoing(): Uint8Array | undefined;
  /** To be called when `timeoutUs` has passed: queues the flight again. */
  handleTimeout(): void;
  /** Microseconds from now to the next retransmission; undefined when nothing waits for an answer. */
  timeoutUs(): number | undefined;
  /**
   * Hash of the certificate that the peer proved to own; undefined before it has sent one, or for an unknown algorithm.
   */
  fingerprint(algorithm: Fingerprint['algorithm']): Uint8Array | undefined;
  /** Undefined before the handshake is over, and when no SRTP profile was agreed. */
  srtpKeys(): SrtpKeys | undefined;
  /** Queues close_notify when connected; `takeOutgoing` still gives it. Idempotent. */
  close(): void;
}
