/**
 * Nonces without memory (RFC 8489 section 9.2): a time and a tag over it and the client's 5-tuple, so that a nonce is
 * good for who got it and for an hour only.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Section 9.2: the "nonce cookie", then 24 bits of security features in Base64. Bit 0 is set: PASSWORD-ALGORITHMS is in
 * the answer, and a client that is made to believe otherwise is found out.
 */
export const NONCE_COOKIE = 'obMatJos2gAAA';
/** RFC 8656 section 5 recommends that a nonce changes at least once an hour. */
const NONCE_LIFETIME_MS = 3_600_000;
const TIME_DIGITS = 10;

export class Nonces {
  readonly #key: Uint8Array;

  /** `key`: 32 random bytes, of this process. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** `nowMs`: of a clock that never steps. `client`: the key of its 5-tuple. */
  make(nowMs: number, client: string): string {
    return this.#of(Math.floor(nowMs), client);
  }

  /** False as well for what another process, or nobody, has made. */
  isFresh(nowMs: number, client: string, nonce: string): boolean {
    const digits = nonce.slice(NONCE_COOKIE.length, NONCE_COOKIE.length + TIME_DIGITS);
    const madeMs = Number.parseInt(digits, 36);
    if (!(madeMs <= nowMs && nowMs - madeMs < NONCE_LIFETIME_MS)) return false;
    const [expected, given] = [bytesOf(this.#of(madeMs, client)), bytesOf(nonce)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  #of(madeMs: number, client: string): string {
    const time = madeMs.toString(36).padStart(TIME_DIGITS, '0');
    const tag = createHmac('sha256', this.#key).update(`${time} ${client}`).digest('base64url').slice(0, 22);
    return `${NONCE_COOKIE}${time}${tag}`;
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
