/**
 * Memory of a limit that loss has shown and delay did not: a policer, or a queue too short to be seen. A probe says nothing
 * about such a one, since a burst passes a policer's bucket at any rate: only what is sent on, without loss, does.
 */

/** How long the limit is believed at first; twice as long each time it is found again. */
const FIRST_MEMORY_US = 20_000_000;
const MAX_MEMORY_US = 160_000_000;
/** Found again: after a pause of this much, at a rate within this factor of the last. */
const PAUSE_US = 3_000_000;
const SAME_FACTOR = 1.5;
/** A probe may go this far beyond what arrives. */
const PROBE_FACTOR = 1.3;
/** A rate that much above the limit was sent for a second without loss: the limit is gone. */
const OUTGROWN_FACTOR = 1.2;

export class HiddenLimit {
  #bps = Number.POSITIVE_INFINITY;
  #foundUs = Number.NEGATIVE_INFINITY;
  #memoryUs = FIRST_MEMORY_US;

  /** To be called as long as the limit shows. */
  find(nowUs: number, bps: number): void {
    const ratio = bps / this.#bps;
    const same = ratio < SAME_FACTOR && ratio > 1 / SAME_FACTOR;
    if (!same) this.#memoryUs = FIRST_MEMORY_US;
    else if (nowUs - this.#foundUs > PAUSE_US) this.#memoryUs = Math.min(MAX_MEMORY_US, this.#memoryUs * 2);
    this.#bps = bps;
    this.#foundUs = nowUs;
  }

  /** `rateBps` was sent for a while without loss. */
  handleClean(rateBps: number): void {
    if (rateBps > this.#bps * OUTGROWN_FACTOR) this.forget();
  }

  /** The limit was a mistake. */
  forget(): void {
    this.#foundUs = Number.NEGATIVE_INFINITY;
  }

  remembers(nowUs: number): boolean {
    return nowUs - this.#foundUs < this.#memoryUs;
  }

  /** Rate that no probe should exceed while `ackedBps` arrives; Infinity when no limit is remembered. */
  ceilingBps(nowUs: number, ackedBps: number): number {
    if (!this.remembers(nowUs)) return Number.POSITIVE_INFINITY;
    return Math.max(this.#bps, ackedBps * PROBE_FACTOR || 0);
  }
}
