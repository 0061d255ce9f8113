/**
 * Notices that feedback has stopped although packets are sent: the path is dead, or feedback is lost. The rate is then
 * halved step by step (a sender that hears nothing has to slow down, RFC 8083 section 4.1), and what it was is kept for
 * the moment when feedback comes back.
 */

/**
 * Feedback is silent this long, besides two round trips, before the rate is touched: libwebrtc's receivers send it each
 * 50–250 ms (remote_estimator_proxy), so two were lost.
 */
const SILENCE_US = 500_000;
const MAX_ROUND_TRIP_US = 500_000;
/** Between one step and the next. */
const STEP_US = 500_000;
export const SILENCE_FACTOR = 0.5;

export class FeedbackWatchdog {
  /** Whether the rate was lowered because of silence, and no feedback came since. */
  silent = false;
  /** Estimate before the silence. */
  beforeBps = 0;
  /** Since when feedback is awaited; Infinity when it is not. */
  #awaitingUs = Number.POSITIVE_INFINITY;
  #steppedUs = Number.NEGATIVE_INFINITY;
  #timeoutUs = SILENCE_US + MAX_ROUND_TRIP_US;

  /** Hot. */
  handleSent(nowUs: number): void {
    if (this.#awaitingUs === Number.POSITIVE_INFINITY) this.#awaitingUs = nowUs;
  }

  /** `awaitsMore`: packets were sent beyond those that this feedback covers. */
  handleFeedback(nowUs: number, awaitsMore: boolean, rttMs: number): void {
    this.#awaitingUs = awaitsMore ? nowUs : Number.POSITIVE_INFINITY;
    this.silent = false;
    this.#timeoutUs = SILENCE_US + Math.min(MAX_ROUND_TRIP_US, rttMs * 2000);
  }

  /** Whether to lower the rate now, from `currentBps`, by SILENCE_FACTOR. */
  takeStep(nowUs: number, currentBps: number): boolean {
    if (nowUs < this.nextTimeoutUs()) return false;
    if (!this.silent) this.beforeBps = currentBps;
    this.silent = true;
    this.#steppedUs = nowUs;
    return true;
  }

  nextTimeoutUs(): number {
    if (this.silent) return this.#steppedUs + STEP_US;
    return this.#awaitingUs + this.#timeoutUs;
  }
}
