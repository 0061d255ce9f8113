/** How many segments may be under way: CUBIC (RFC 9438), or NewReno (RFC 5681) for comparison with its formula. Pure. */

export type CongestionControl = 'cubic' | 'reno';

/** RFC 6928. */
export const INITIAL_WINDOW = 10;
const LEAST_WINDOW = 2;
/** RFC 9438 sections 4.1 and 4.6. */
const CUBIC_C = 0.4;
const BETA: Readonly<Record<CongestionControl, number>> = { cubic: 0.7, reno: 0.5 };

export class CongestionWindow {
  /** Not whole: what has grown so far counts. */
  segments = INITIAL_WINDOW;
  threshold = Number.POSITIVE_INFINITY;
  readonly #control: CongestionControl;
  readonly #beta: number;
  #beforeLoss = 0;
  #epochUs: number | undefined;
  #atEpoch = 0;

  constructor(control: CongestionControl) {
    this.#control = control;
    this.#beta = BETA[control];
  }

  get isSlowStart(): boolean {
    return this.segments < this.threshold;
  }

  /** Of `count` segments one hears that they have arrived, while no loss is being repaired. */
  handleArrived(nowUs: number, count: number, roundTripUs: number): void {
    for (let i = 0; i < count; i++) {
      if (this.isSlowStart) this.segments++;
      else if (this.#control === 'reno') this.segments += 1 / this.segments;
      else this.#growCubic(nowUs, roundTripUs);
    }
  }

  /** Once for all losses of one window. */
  handleLoss(): void {
    // Fast convergence (RFC 9438 section 4.7).
    const isShrinking = this.segments < this.#beforeLoss;
    this.#beforeLoss = isShrinking ? (this.segments * (1 + this.#beta)) / 2 : this.segments;
    this.threshold = Math.max(LEAST_WINDOW, this.segments * this.#beta);
    this.segments = this.threshold;
    this.#epochUs = undefined;
  }

  /** The retransmission timer has run out, for the first time in a row. */
  handleTimeout(): void {
    this.handleLoss();
    this.segments = 1;
  }

  /** Nothing was sent for so many times the retransmission timeout (RFC 2861, as Linux has it). */
  handleIdle(timeouts: number): void {
    if (this.segments <= INITIAL_WINDOW) return;
    this.threshold = Math.max(this.threshold, 0.75 * this.segments);
    this.segments = Math.max(INITIAL_WINDOW, this.segments / 2 ** timeouts);
    this.#epochUs = undefined;
  }

  #growCubic(nowUs: number, roundTripUs: number): void {
    if (this.#epochUs === undefined) {
      this.#epochUs = nowUs;
      this.#atEpoch = this.segments;
      this.#beforeLoss = Math.max(this.#beforeLoss, this.segments);
    }
    const elapsedS = (nowUs - this.#epochUs) / 1e6;
    const roundTripS = roundTripUs / 1e6;
    const k = Math.cbrt((this.#beforeLoss - this.#atEpoch) / CUBIC_C);
    const cubic = CUBIC_C * (elapsedS + roundTripS - k) ** 3 + this.#beforeLoss;
    // As quick as NewReno at least (RFC 9438 section 4.3).
    const alpha = (3 * (1 - this.#beta)) / (1 + this.#beta);
    const reno = this.#atEpoch + alpha * (elapsedS / roundTripS);
    const goal = Math.min(1.5 * this.segments, Math.max(cubic, reno));
    if (goal > this.segments) this.segments += (goal - this.segments) / this.segments;
  }
}
