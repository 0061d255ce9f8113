/**
 * Remembers rises that had to be taken back, so that the same is not tried over and over on a path whose estimate is too
 * good: behind a policer that lets bursts pass, or where the key frame of the taller picture alone fills the queue.
 */

/** A fall so soon after a rise means that the rise was wrong. */
const WRONG_RISE_US = 5_000_000;
/** Nothing of a wrong rise is tried again for so long; twice as long each time that it turns out wrong again. */
const FIRST_PAUSE_US = 8_000_000;
const MAX_PAUSE_US = 60_000_000;
/** After so long without another one, all is forgotten. So it is when the next one begins at quite another sum, or a better estimate. */
const FORGET_US = 120_000_000;
const SAME_SUM = 1.5;
/** Rates waver: so much more than before is no rise. */
const SAME_COST = 1.1;
/** An estimate so much greater than the one that was wrong is another path: what it allowed is no repetition. */
const BETTER_ESTIMATE = 1.2;

export class WrongRises {
  /** The last rise: when it was, what all together took before, and the estimate that allowed it. */
  #riseUs = Number.NEGATIVE_INFINITY;
  #beforeBps = 0;
  #estimateBps = 0;
  /** The last wrong one. */
  #wrongUs = Number.NEGATIVE_INFINITY;
  #wrongBeforeBps = 0;
  #wrongEstimateBps = 0;
  #pauseUs = FIRST_PAUSE_US;
  #untilUs = Number.NEGATIVE_INFINITY;

  /** All together took `beforeBps`, and take more from now on. */
  handleRise(nowUs: number, beforeBps: number, estimateBps: number): void {
    this.#riseUs = nowUs;
    this.#beforeBps = beforeBps;
    this.#estimateBps = estimateBps;
  }

  handleFall(nowUs: number): void {
    if (nowUs - this.#riseUs >= WRONG_RISE_US) return;
    const isOther =
      nowUs - this.#wrongUs > FORGET_US ||
      !isSame(this.#beforeBps, this.#wrongBeforeBps) ||
      this.#isBetter(this.#estimateBps);
    this.#pauseUs = isOther ? FIRST_PAUSE_US : Math.min(this.#pauseUs * 2, MAX_PAUSE_US);
    this.#wrongBeforeBps = this.#beforeBps;
    this.#wrongEstimateBps = this.#estimateBps;
    this.#wrongUs = nowUs;
    this.#untilUs = nowUs + this.#pauseUs;
    this.#riseUs = Number.NEGATIVE_INFINITY; // Not blamed twice.
  }

  /** What a rise may bring the sum to; Infinity when nothing is held against it. */
  limitBps(nowUs: number, estimateBps: number): number {
    if (nowUs >= this.#untilUs || this.#isBetter(estimateBps)) return Number.POSITIVE_INFINITY;
    return this.#wrongBeforeBps * SAME_COST;
  }

  #isBetter(estimateBps: number): boolean {
    return estimateBps > this.#wrongEstimateBps * BETTER_ESTIMATE;
  }
}

function isSame(sumBps: number, otherBps: number): boolean {
  return Math.max(sumBps, otherBps) <= Math.min(sumBps, otherBps) * SAME_SUM;
}
