/**
 * Says whether the path is used too much, from the trend of the delay against a threshold that adapts, so that a rival
 * that fills queues (TCP) does not starve us (draft-ietf-rmcat-gcc-02 section 5.4).
 */

/** Starting threshold in ms (draft section 5.4: del_var_th(0)). */
const FIRST_THRESHOLD = 12.5;
const MIN_THRESHOLD = 6;
const MAX_THRESHOLD = 600;
/** How fast the threshold follows the trend upward and downward, per ms (libwebrtc: k_up_, k_down_). */
const GAIN_UP = 0.0087;
const GAIN_DOWN = 0.039;
/**
 * The same beside a rival (draft section 5.4: K_d): the threshold stays where the rival's queue has lifted it. Used at
 * all times, it lets a queue of our own stand at 200 ms.
 */
const GAIN_DOWN_BESIDE_RIVAL = 0.00018;
/** A trend beyond the threshold by more is a sudden drop of capacity: it does not move the threshold (kMaxAdaptOffsetMs). */
const MAX_ADAPT_OFFSET = 15;
/** Longest step of time for one adaptation, ms. */
const MAX_STEP_MS = 100;
/** The trend has to be above the threshold this long, ms (draft section 5.4: overuse_time_th). */
const OVERUSE_TIME_MS = 10;

export const Usage = { normal: 0, over: 1, under: 2 } as const;

export class OveruseDetector {
  /** Of `Usage`. */
  usage: number = Usage.normal;
  threshold = FIRST_THRESHOLD;
  /** Whether somebody else keeps a queue on the path. */
  besideRival = false;
  #updatedUs = Number.NaN;
  /** Time above the threshold; −1: it is below. */
  #overMs = -1;
  #overCount = 0;
  #previousTrend = 0;

  /** `trend`: `Trendline.modified`; `sendDeltaMs`: time that the group stands for. */
  update(trend: number, sendDeltaMs: number, arrivalUs: number): void {
    if (trend > this.threshold) this.#handleOver(trend, sendDeltaMs);
    else {
      this.usage = trend < -this.threshold ? Usage.under : Usage.normal;
      this.#overMs = -1;
      this.#overCount = 0;
    }
    this.#previousTrend = trend;
    this.#adapt(Math.abs(trend), arrivalUs);
  }

  reset(): void {
    this.usage = Usage.normal;
    this.#overMs = -1;
    this.#overCount = 0;
    this.#previousTrend = 0;
    this.#updatedUs = Number.NaN;
  }

  #handleOver(trend: number, sendDeltaMs: number): void {
    // The moment it began is unknown: half of the time since the last group is taken.
    this.#overMs = this.#overMs < 0 ? sendDeltaMs / 2 : this.#overMs + sendDeltaMs;
    this.#overCount++;
    if (this.#overMs <= OVERUSE_TIME_MS || this.#overCount <= 1 || trend < this.#previousTrend) return;
    this.#overMs = 0;
    this.#overCount = 0;
    this.usage = Usage.over;
  }

  #adapt(magnitude: number, arrivalUs: number): void {
    const stepMs = Number.isNaN(this.#updatedUs) ? 0 : (arrivalUs - this.#updatedUs) / 1000;
    this.#updatedUs = arrivalUs;
    if (magnitude > this.threshold + MAX_ADAPT_OFFSET) return;
    const gainDown = this.besideRival ? GAIN_DOWN_BESIDE_RIVAL : GAIN_DOWN;
    const gain = magnitude < this.threshold ? gainDown : GAIN_UP;
    const adapted = this.threshold + gain * (magnitude - this.threshold) * Math.min(stepMs, MAX_STEP_MS);
    this.threshold = Math.min(MAX_THRESHOLD, Math.max(MIN_THRESHOLD, adapted));
  }
}
