/**
 * Remembers rises that had to be taken back, so that the same is not tried over and over on a path whose estimate is too
 * good: behind a policer that lets bursts pass, or where the key frame of the taller picture alone fills the queue.
 */

/** The same rise is not tried again for so long; twice as long each time that it turns out wrong again. */
const FIRST_PAUSE_US = 8_000_000;
const MAX_PAUSE_US = 60_000_000;
/** After so long without another one, all is forgotten. */
const FORGET_US = 120_000_000;
/** What costs this part of it is the same rise. */
const SAME_COST = 0.9;
/** An estimate so much greater than the one that was wrong is another path. */
const BETTER_ESTIMATE = 1.3;

export class WrongRises {
  /** Of the last rise: what all together came to take, and the estimate that allowed it. */
  #costBps = 0;
  #estimateBps = 0;
  /** Of the wrong one. */
  #wrongCostBps = Number.POSITIVE_INFINITY;
  #wrongEstimateBps = 0;
  #pauseUs = FIRST_PAUSE_US / 2;
  #wrongUs = Number.NEGATIVE_INFINITY;
  #untilUs = Number.NEGATIVE_INFINITY;

  handleRise(costBps: number, estimateBps: number): void {
    this.#costBps = costBps;
    this.#estimateBps = estimateBps;
  }

  /** The last rise was wrong. */
  add(nowUs: number): void {
    const isForgotten = nowUs - this.#wrongUs > FORGET_US;
    this.#pauseUs = isForgotten ? FIRST_PAUSE_US : Math.min(this.#pauseUs * 2, MAX_PAUSE_US);
    this.#wrongCostBps = this.#costBps;
    this.#wrongEstimateBps = this.#estimateBps;
    this.#wrongUs = nowUs;
    this.#untilUs = nowUs + this.#pauseUs;
  }

  /** What a rise may bring the sum to; Infinity when nothing is held against it. */
  limitBps(nowUs: number, estimateBps: number): number {
    if (nowUs >= this.#untilUs || estimateBps > this.#wrongEstimateBps * BETTER_ESTIMATE)
      return Number.POSITIVE_INFINITY;
    return this.#wrongCostBps * SAME_COST;
  }
}
