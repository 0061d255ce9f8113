/** What tests of this folder share. Whole runs over bad networks are in test/sim. */
import { Usage } from './overuse-detector.ts';
import type { PathView } from './path-view.ts';
import { DEFAULT_ESTIMATOR_OPTIONS, SendSideEstimator } from './send-side-estimator.ts';

/** A path at rest on which 1 Mb/s is sent and arrives. */
export function pathView(changes: Partial<PathView> = {}): PathView {
  return {
    usage: Usage.normal,
    ackedBps: 1e6,
    quickBps: 1e6,
    surgeBps: Number.NaN,
    sentBps: 1e6,
    queueMs: 0,
    jitterMs: 0,
    rttMs: 50,
    applicationLimited: false,
    ...changes,
  };
}

const PACKET_BYTES = 1000;
const DELAY_US = 25_000;
const FEEDBACK_US = 50_000;

/** An estimator that sends all it may, over a queue of its own, and gets feedback; probes are sent as they are wanted. */
export class LoneSender {
  readonly estimator = new SendSideEstimator(DEFAULT_ESTIMATOR_OPTIONS, 0);
  nowUs = 0;
  capacityBps: number;
  /** Whether feedback gets back. */
  feedback = true;
  #number = 65_500;
  #base = 65_500;
  #arrivals: number[] = [];
  #linkFreeUs = 0;
  #sendUs = 0;
  #feedbackUs = FEEDBACK_US;

  constructor(capacityBps: number) {
    this.capacityBps = capacityBps;
  }

  run(seconds: number): this {
    const endUs = this.nowUs + seconds * 1e6;
    for (; this.nowUs < endUs; this.nowUs += 1000) {
      if (this.nowUs >= this.estimator.nextTimeoutUs()) this.estimator.handleTimeout(this.nowUs);
      this.#probe();
      for (; this.#sendUs <= this.nowUs; this.#sendUs += (PACKET_BYTES * 8e6) / this.estimator.targetBps)
        this.#send(-1);
      if (this.nowUs >= this.#feedbackUs) this.#feedBack();
    }
    return this;
  }

  #probe(): void {
    const probe = this.estimator.takeProbe(this.nowUs);
    if (probe === undefined) return;
    // The clock of the sender goes on meanwhile: a burst has its rate.
    for (let bytes = 0; bytes < probe.bytes; bytes += PACKET_BYTES) {
      this.#send(probe.cluster);
      this.nowUs += Math.round((PACKET_BYTES * 8e6) / probe.bitrateBps);
    }
  }

  #send(cluster: number): void {
    this.estimator.handleSent(this.nowUs, this.#number & 0xffff, PACKET_BYTES, cluster);
    this.#number++;
    this.#linkFreeUs = Math.max(this.#linkFreeUs, this.nowUs) + (PACKET_BYTES * 8e6) / this.capacityBps;
    this.#arrivals.push(this.#linkFreeUs + DELAY_US);
  }

  #feedBack(): void {
    this.#feedbackUs = this.nowUs + FEEDBACK_US;
    const count = this.#arrivals.filter((arrivalUs) => arrivalUs <= this.nowUs - DELAY_US).length;
    const arrivalUs = Float64Array.from(this.#arrivals.splice(0, count));
    const feedback = { baseSequence: this.#base & 0xffff, count, arrivalUs };
    this.#base += count;
    if (count > 0 && this.feedback) this.estimator.handleFeedback(this.nowUs, feedback);
  }
}
