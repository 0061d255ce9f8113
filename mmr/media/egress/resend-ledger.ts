/** How often each of a slot's packets was sent again. Memory for those that can still be found, and no more. */

export const MAX_RESENDS = 3;
/**
 * A number that was just repeated is on its way: asking again is not heard until this long after the copy left, which is a
 * short path's round trip. On longer paths a receiver that asks again too early gets a copy too many.
 */
const RESEND_INTERVAL_MS = 40;
/** Covers every packet that a rendition's history can hold: the ledger grows so far while the numbers in it are near each other. */
const LEDGER_SIZE = 1024;
/** Numbers are kept modulo this. */
const NUMBERS = 0x20000000;

/** Entries at first: most receivers ask for a packet now and then. */
const FIRST_SIZE = 8;

export class ResendLedger {
  /**
   * By number modulo the size, in pairs: (widened number modulo 2^29) * 4 + resends; and when the copy leaves, in milliseconds
   * that wrap after 24 days: nothing is compared over more than seconds.
   */
  #entries = emptyEntries(FIRST_SIZE);
  #mask = FIRST_SIZE - 1;

  /** False while the last copy of the packet of the widened number `index` may still be on its way. */
  isHeard(nowUs: number, index: number): boolean {
    if (this.#resends(index) === 0) return true;
    const sinceMs = (milliseconds(nowUs) - (this.#entries[2 * (index & this.#mask) + 1] as number)) | 0;
    return sinceMs >= RESEND_INTERVAL_MS;
  }

  /** Whether it has been sent again less than MAX_RESENDS times. */
  mayTake(index: number): boolean {
    return this.#resends(index) < MAX_RESENDS;
  }

  /** Counts it as sent again; `waitUs`: how long the copy is going to wait before it leaves. */
  take(nowUs: number, index: number, waitUs: number): void {
    const resends = this.#resends(index) + 1;
    while (this.#mask < LEDGER_SIZE - 1 && this.#isTaken(index)) this.#grow();
    const at = 2 * (index & this.#mask);
    this.#entries[at] = ((index % NUMBERS) << 2) | resends;
    this.#entries[at + 1] = milliseconds(nowUs + waitUs);
  }

  #resends(index: number): number {
    const entry = this.#entries[2 * (index & this.#mask)] as number;
    return entry >>> 2 === index % NUMBERS ? entry & 3 : 0;
  }

  /** Whether another number has the place that can still be found. */
  #isTaken(index: number): boolean {
    const entry = this.#entries[2 * (index & this.#mask)] as number;
    if (entry === -1) return false;
    const apart = Math.abs((entry >>> 2) - (index % NUMBERS));
    return apart !== 0 && Math.min(apart, NUMBERS - apart) < LEDGER_SIZE;
  }

  #grow(): void {
    const size = 2 * (this.#mask + 1);
    const entries = emptyEntries(size);
    for (let i = 0; i < this.#entries.length; i += 2) {
      const entry = this.#entries[i] as number;
      if (entry === -1) continue;
      const at = 2 * ((entry >>> 2) & (size - 1));
      entries[at] = entry;
      entries[at + 1] = this.#entries[i + 1] as number;
    }
    this.#entries = entries;
    this.#mask = size - 1;
  }
}

/** −1 stands for none: it would be a number beyond NUMBERS. */
function emptyEntries(size: number): Int32Array {
  return new Int32Array(2 * size).fill(-1);
}

function milliseconds(timeUs: number): number {
  return Math.floor(timeUs / 1000) | 0;
}
