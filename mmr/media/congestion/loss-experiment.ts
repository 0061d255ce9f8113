/**
 * Whether loss remains when less is sent: what tells inherent loss from congestion when the rate did not vary by itself.
 * It runs with every limit that loss sets; what it proves makes that much inherent loss credible for a while.
 */

/** Inherent loss that is credible without proof. */
const USUAL = 0.1;
/** How much more than what was proved is then credible. */
const MARGIN = 1.25;
/** A proof is good for so long: paths change, and a policer that was taken for a bad cable must not stay so. */
const PROOF_US = 20_000_000;
/**
 * The rate is down far enough when a policer would lose less by this much, and by this part of what was lost: then the two
 * explanations differ by more than the noise of a stretch.
 */
const LEAST_DIFFERENCE = 0.05;
const DIFFERENCE_PART = 1 / 3;
/** It cannot go down where it is at its minimum already. */
const AT_MINIMUM = 1.2;
/** Stretches at the lower rate that have to be seen. */
const STRETCHES = 2;
/** More loss than this part of what was there, and the noise of a stretch, is another loss. */
const MOST_REMAINING = 1.3;
const NOISE = 0.04;

export class LossExperiment {
  running = false;
  /** Inherent loss up to here is credible, 0..1. */
  usual = USUAL;
  readonly #minBps: number;
  #rateBps = 0;
  #loss = 0;
  #stretches = 0;
  #remaining = 0;
  #policed = 0;
  #provedUs = Number.NEGATIVE_INFINITY;

  /** `minBps`: the rate cannot go below. */
  constructor(minBps: number) {
    this.#minBps = minBps;
  }

  /** Whether more is credible than without proof. */
  get proved(): boolean {
    return this.usual > USUAL;
  }

  /** Rate at which the two explanations differ enough; of use while it runs. */
  get goalBps(): number {
    const policed = Math.max(0, this.#loss - leastDifference(this.#loss));
    return Math.max(this.#minBps, (this.#rateBps * (1 - this.#loss)) / (1 - policed));
  }

  /** The rate is being lowered because at `rateBps` there was this much loss. */
  begin(rateBps: number, loss: number): void {
    if (this.running) return;
    this.running = true;
    this.#rateBps = rateBps;
    this.#loss = loss;
    this.#stretches = 0;
    this.#remaining = 0;
    this.#policed = 0;
  }

  /** A stretch was completed; true when it proves the loss inherent. */
  observe(nowUs: number, rateBps: number, loss: number): boolean {
    if (nowUs - this.#provedUs > PROOF_US) this.usual = USUAL;
    if (!this.running) return false;
    // What would be lost if the path carried no more than what arrived at the higher rate.
    const policed = Math.max(0, 1 - (this.#rateBps * (1 - this.#loss)) / rateBps);
    const telling = this.#loss - policed >= leastDifference(this.#loss);
    if (!telling && rateBps > this.#minBps * AT_MINIMUM) return false;
    this.#stretches++;
    this.#remaining += loss;
    this.#policed += policed;
    return this.#stretches >= STRETCHES && this.#conclude(nowUs);
  }

  #conclude(nowUs: number): boolean {
    this.running = false;
    const remaining = this.#remaining / this.#stretches;
    const halfway = (this.#loss + this.#policed / this.#stretches) / 2;
    if (remaining < halfway || remaining > this.#loss * MOST_REMAINING + NOISE) return false;
    this.#provedUs = nowUs;
    this.usual = Math.max(USUAL, remaining * MARGIN);
    return true;
  }

  /** The limit has gone before anything was seen: the rate at which it began is no guide any more. */
  abandon(): void {
    this.running = false;
  }

  /** The path has become worse: what was proved of it is no guide. */
  forget(): void {
    this.abandon();
    this.usual = USUAL;
  }
}

function leastDifference(loss: number): number {
  return Math.max(LEAST_DIFFERENCE, loss * DIFFERENCE_PART);
}
