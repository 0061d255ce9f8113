/**
 * Memory of a limit that loss has shown and delay did not: a policer, or a queue too short to be seen. It counts as found when
 * loss has stopped once less was sent. A short probe says nothing about such a limit, since a burst passes a policer's bucket at
 * any rate: only what is sent on, without loss, does, and after that a probe that is longer than most buckets.
 */

/** How long the limit is believed at first; twice as long each time it is found again (chosen). */
const FIRST_MEMORY_US = 20_000_000;
const MAX_MEMORY_US = 160_000_000;
/** Found again: at a rate within this factor of the last. */
const SAME_FACTOR = 1.5;
/** A probe may go this far beyond what arrives. */
const PROBE_FACTOR = 1.3;
/** A rate that much above the limit was sent for a second without loss: the limit is gone. */
const OUTGROWN_FACTOR = 1.2;

export class HiddenLimit {
  #bps = Number.POSITIVE_INFINITY;
  #foundUs = Number.NEGATIVE_INFINITY;
  #memoryUs = FIRST_MEMORY_US;
  /** What may prove to be a limit; Infinity: nothing. */
  #suspectedBps = Number.POSITIVE_INFINITY;

  /** Loss has made us send no more than `bps`. */
  suspect(bps: number): void {
    this.#suspectedBps = bps;
  }

  /** Loss goes on although less is sent. */
  acquit(): void {
    this.#suspectedBps = Number.POSITIVE_INFINITY;
  }

  /** `rateBps` was sent for a while without loss. */
  handleClean(nowUs: number, rateBps: number): void {
    if (this.#suspectedBps !== Number.POSITIVE_INFINITY) this.#find(nowUs, this.#suspectedBps);
    else if (rateBps > this.#bps * OUTGROWN_FACTOR) this.forget();
  }

  /** The limit was a mistake, or has gone. */
  forget(): void {
    this.#bps = Number.POSITIVE_INFINITY;
    this.#foundUs = Number.NEGATIVE_INFINITY;
    this.acquit();
  }

  /** A long probe is sent beyond the limit: unless it passes, that was the last try for twice as long. */
  handleTry(nowUs: number): void {
    this.#find(nowUs, this.#bps);
  }

  /** A long probe has proved `bps`. */
  handlePassed(bps: number): void {
    if (bps > this.#bps * OUTGROWN_FACTOR) this.forget();
  }

  /** Whether a probe at `bitrateBps` would pass a limit that was found once: it has to be a long one. */
  isBelow(bitrateBps: number): boolean {
    return this.#bps < bitrateBps;
  }

  remembers(nowUs: number): boolean {
    return nowUs - this.#foundUs < this.#memoryUs;
  }

  /** The limit; Infinity when none is remembered. */
  knownBps(nowUs: number): number {
    return this.remembers(nowUs) ? this.#bps : Number.POSITIVE_INFINITY;
  }

  /** Rate that no probe should exceed while `ackedBps` arrives; Infinity when no limit is remembered. */
  ceilingBps(nowUs: number, ackedBps: number): number {
    if (!this.remembers(nowUs)) return Number.POSITIVE_INFINITY;
    return Math.max(this.#bps, ackedBps * PROBE_FACTOR || 0);
  }

  #find(nowUs: number, bps: number): void {
    const ratio = bps / this.#bps;
    const isSame = ratio < SAME_FACTOR && ratio > 1 / SAME_FACTOR;
    this.#memoryUs = isSame ? Math.min(MAX_MEMORY_US, this.#memoryUs * 2) : FIRST_MEMORY_US;
    this.#bps = bps;
    this.#foundUs = nowUs;
    this.acquit();
  }
}
