/**
 * Round trip for the controller: what receiver reports measured, else the time from a packet to the feedback that
 * named it last. Such feedback waits at the receiver, so the least of some samples is taken.
 */

/** Before anything is known (libwebrtc, aimd_rate_control: kDefaultRtt). */
const DEFAULT_MS = 200;
/** Samples grow into the past by this, each: an old least one is given up in about 50 feedbacks. */
const AGEING = 1.02;
const MAX_MS = 5_000;

export class RoundTrip {
  #reportedMs = Number.NaN;
  #feedbackMs = Number.NaN;

  get ms(): number {
    if (!Number.isNaN(this.#reportedMs)) return this.#reportedMs;
    return Number.isNaN(this.#feedbackMs) ? DEFAULT_MS : this.#feedbackMs;
  }

  /** From receiver reports (RFC 3550 section 6.4.1), smoothed. */
  set(ms: number): void {
    if (ms >= 0) this.#reportedMs = Math.min(ms, MAX_MS);
  }

  handleFeedback(nowUs: number, newestSentUs: number): void {
    const sampleMs = Math.min(MAX_MS, Math.max(0, (nowUs - newestSentUs) / 1000));
    const agedMs = this.#feedbackMs * AGEING + 1;
    this.#feedbackMs = sampleMs < agedMs || Number.isNaN(agedMs) ? sampleMs : agedMs;
  }
}
