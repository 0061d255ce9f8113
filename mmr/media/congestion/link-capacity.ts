/**
 * Remembers at which rates the path was found full: near them the rate grows carefully, away from them fast
 * (draft-ietf-rmcat-gcc-02 section 5.5: R_hat within three standard deviations of its average; libwebrtc,
 * link_capacity_estimator).
 */

/** Weight of a new sample (draft section 5.5 recommends 0.95 for the old). */
const WEIGHT = 0.05;
/** Bounds of the normalised variance in kb/s: 14 and 35 kb/s of deviation at 500 kb/s (libwebrtc). */
const MIN_VARIANCE = 0.4;
const MAX_VARIANCE = 2.5;

export class LinkCapacity {
  /** Kilobits per second; NaN while unknown. */
  #kbps = Number.NaN;
  #variance = MIN_VARIANCE;

  get known(): boolean {
    return !Number.isNaN(this.#kbps);
  }

  get bps(): number {
    return this.#kbps * 1000;
  }

  get upperBps(): number {
    return this.known ? (this.#kbps + 3 * this.#deviation) * 1000 : Number.POSITIVE_INFINITY;
  }

  get lowerBps(): number {
    return this.known ? Math.max(0, this.#kbps - 3 * this.#deviation) * 1000 : 0;
  }

  /** The path was full while this much arrived. */
  handleOveruse(ackedBps: number): void {
    const sample = ackedBps / 1000;
    this.#kbps = this.known ? (1 - WEIGHT) * this.#kbps + WEIGHT * sample : sample;
    const error = this.#kbps - sample;
    const variance = (1 - WEIGHT) * this.#variance + (WEIGHT * error * error) / Math.max(this.#kbps, 1);
    this.#variance = Math.min(MAX_VARIANCE, Math.max(MIN_VARIANCE, variance));
  }

  reset(): void {
    this.#kbps = Number.NaN;
  }

  get #deviation(): number {
    return Math.sqrt(this.#variance * this.#kbps);
  }
}
