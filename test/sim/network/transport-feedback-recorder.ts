/**
 * When packets arrived at a receiver, and when he tells: the timing of libwebrtc's receive side, so that the sender
 * under test gets what a browser would send it (modules/remote_bitrate_estimator/transport_sequence_number_feedback_generator.cc).
 */
import { sequenceDelta } from '../../../mmr/media/rtp/serial.ts';

/** Feedback is to take 5 % of the receiver's own sending rate: 50 ms at 218 kb/s and more, 250 ms at 44 kb/s and less. */
const FEEDBACK_SHARE = 0.05;
/** IPv4, UDP, SRTP and an average feedback packet, as libwebrtc counts them. */
const FEEDBACK_BITS = 8 * (20 + 8 + 10 + 30);
const SHORTEST_US = 50_000;
const LONGEST_US = 250_000;
/** What has been reported is forgotten after this, so that a late packet makes the next report start that far back. */
const BACK_WINDOW_US = 500_000;

export interface ArrivalReport {
  /** Transport-wide number, 16 bits, of the first entry. */
  readonly baseSequence: number;
  /** µs; NaN: not received. */
  readonly arrivalsUs: Float64Array;
}

export function feedbackIntervalUs(ownSendingBps: number): number {
  const bps = ownSendingBps * FEEDBACK_SHARE;
  return bps <= 0 ? LONGEST_US : Math.min(LONGEST_US, Math.max(SHORTEST_US, (FEEDBACK_BITS * 1e6) / bps));
}

export class TransportFeedbackRecorder {
  /** Packets noted since the last report. */
  pending = 0;
  readonly #arrivals = new Map<number, number>();
  #highest = -1;
  /** First number of the next report, widened. */
  #start = -1;

  record(nowUs: number, sequenceNumber: number): void {
    const wide =
      this.#highest < 0
        ? sequenceNumber + 0x10000
        : this.#highest + sequenceDelta(sequenceNumber, this.#highest & 0xffff);
    if (this.#arrivals.has(wide)) return;
    if (this.#start < 0) this.#start = wide;
    if (wide < this.#start) this.#start = wide;
    this.#highest = Math.max(this.#highest, wide);
    this.#arrivals.set(wide, nowUs);
    this.pending++;
  }

  /** All from the first number that was not reported to the highest that arrived; undefined when there is nothing new. */
  take(nowUs: number): ArrivalReport | undefined {
    if (this.pending === 0) return undefined;
    const count = this.#highest - this.#start + 1;
    const arrivalsUs = new Float64Array(count);
    for (let i = 0; i < count; i++) arrivalsUs[i] = this.#arrivals.get(this.#start + i) ?? Number.NaN;
    const report = { baseSequence: this.#start & 0xffff, arrivalsUs };
    this.#start = this.#highest + 1;
    this.pending = 0;
    this.#forget(nowUs);
    return report;
  }

  #forget(nowUs: number): void {
    for (const [wide, arrivedUs] of this.#arrivals) {
      if (nowUs - arrivedUs > BACK_WINDOW_US) this.#arrivals.delete(wide);
    }
  }
}
