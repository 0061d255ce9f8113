/** How often each of a slot's packets was sent again. Memory for those that can still be found, and no more. */

export const MAX_RESENDS = 3;
/**
 * A number that was just repeated is on its way: asking again is not heard until this long after the copy left, which is a
 * short path's round trip. On longer paths a receiver that asks again too early gets a copy too many.
 */
const RESEND_INTERVAL_MS = 40;
/** Covers every packet that a rendition's history can hold. */
const LEDGER_SIZE = 1024;
/** Numbers are kept modulo this. */
const NUMBERS = 0x20000000;

export class ResendLedger {
  /** (widened number modulo 2^29) * 4 + resends. */
  readonly #entries = new Int32Array(LEDGER_SIZE).fill(-1);
  /** When the copy leaves. Milliseconds, which wrap after 24 days: nothing is compared over more than seconds. */
  readonly #resentMs = new Int32Array(LEDGER_SIZE);

  /** False while the last copy of the packet of the widened number `index` may still be on its way. */
  isHeard(nowUs: number, index: number): boolean {
    if (this.#resends(index) === 0) return true;
    const sinceMs = (milliseconds(nowUs) - (this.#resentMs[index % LEDGER_SIZE] as number)) | 0;
    return sinceMs >= RESEND_INTERVAL_MS;
  }

  /** Whether it has been sent again less than MAX_RESENDS times. */
  mayTake(index: number): boolean {
    return this.#resends(index) < MAX_RESENDS;
  }

  /** Counts it as sent again; `waitUs`: how long the copy is going to wait before it leaves. */
  take(nowUs: number, index: number, waitUs: number): void {
    const at = index % LEDGER_SIZE;
    this.#entries[at] = ((index % NUMBERS) << 2) | (this.#resends(index) + 1);
    this.#resentMs[at] = milliseconds(nowUs + waitUs);
  }

  #resends(index: number): number {
    const entry = this.#entries[index % LEDGER_SIZE] as number;
    return entry >>> 2 === index % NUMBERS ? entry & 3 : 0;
  }
}

function milliseconds(timeUs: number): number {
  return Math.floor(timeUs / 1000) | 0;
}
