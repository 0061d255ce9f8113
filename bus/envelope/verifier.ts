/** Unwraps what others say: cheap checks first, the signature after them, and the payload only when that is right. */
import { verify } from 'node:crypto';
import type { DropReason } from '../bus-observer.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Sender } from '../sender.ts';
import { decodeEnvelope, type Envelope, type Kind, signaturePart, signedPart } from './envelope.ts';
import { MAX_PAYLOAD_BYTES } from './signer.ts';

/** With the longest sender and subject. */
export const MAX_ENVELOPE_BYTES = MAX_PAYLOAD_BYTES + 1024;
/** Clocks of zones may differ by this, and a message may take as long. */
export const MAX_SKEW_MS = 30_000;

export interface Expectation {
  /** The subject that the bytes came by. */
  readonly subject: string;
  readonly kinds: readonly Kind[];
  /** Whether the sender may speak here; signed or not. */
  readonly isAllowed: (sender: Sender) => boolean;
  /** Whether the time must be now; values are older, but never from the future. */
  readonly isFresh: boolean;
}

export interface Unwrapped extends Envelope {
  readonly value: unknown;
}

export class Verifier {
  readonly #keyRing: KeyRing;
  readonly #nowMs: () => number;

  constructor(keyRing: KeyRing, nowMs: () => number) {
    this.#keyRing = keyRing;
    this.#nowMs = nowMs;
  }

  unwrap(bytes: Uint8Array, { subject, kinds, isAllowed, isFresh }: Expectation): Unwrapped | DropReason {
    if (bytes.length > MAX_ENVELOPE_BYTES) return 'oversized';
    const envelope = decodeEnvelope(bytes);
    if (typeof envelope === 'string') return envelope;
    if (envelope.subject !== subject) return 'misaddressed';
    if (!kinds.includes(envelope.kind)) return 'wrongKind';
    if (!isAllowed(envelope.sender)) return 'notTheirs';
    const aheadMs = envelope.timeMs - this.#nowMs();
    if (aheadMs > MAX_SKEW_MS || (isFresh && aheadMs < -MAX_SKEW_MS)) return 'stale';
    const publicKey = this.#keyRing.publicKey(envelope.sender);
    if (publicKey === undefined) return 'unknownSender';
    if (!verify(null, signedPart(bytes), publicKey, signaturePart(bytes))) return 'wrongSignature';
    const value = parseJson(envelope.payload);
    return value === undefined ? 'malformed' : { ...envelope, value };
  }
}

/** Undefined, which JSON has not, when it is none. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
