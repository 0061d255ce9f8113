/** Lets packets leave at the estimator's pacing rate, and bursts at the rate of its probes, filled up with padding. */
import type { Probe } from '../../../mmr/media/congestion/probe-controller.ts';
import type { SendSideEstimator } from '../../../mmr/media/congestion/send-side-estimator.ts';

/** RTP padding is at most 255 bytes a packet. */
const PADDING_BYTES = 224;
const HEADER_BYTES = 64;
/** A queue longer than this is a frame too late for anybody: the encoder's frame is dropped instead. */
const MAX_QUEUE_US = 400_000;

export class ProbingPacer {
  readonly #estimator: SendSideEstimator;
  readonly #send: (payloadBytes: number, cluster: number) => void;
  #queue: number[] = [];
  #queuedBytes = 0;
  #debtBytes = 0;
  #lastUs = 0;
  #probe: Probe | undefined;
  #probedBytes = 0;

  constructor(estimator: SendSideEstimator, send: (payloadBytes: number, cluster: number) => void) {
    this.#estimator = estimator;
    this.#send = send;
  }

  push(payloadSizes: readonly number[]): void {
    const queuedUs = (this.#queuedBytes * 8e6) / Math.max(1, this.#estimator.pacingBps);
    if (queuedUs > MAX_QUEUE_US) return;
    for (const size of payloadSizes) {
      this.#queue.push(size);
      this.#queuedBytes += size + HEADER_BYTES;
    }
  }

  clear(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  handleTimeout(nowUs: number): void {
    const elapsedUs = Math.min(50_000, nowUs - this.#lastUs);
    this.#lastUs = nowUs;
    if (this.#probe === undefined) {
      this.#probe = this.#estimator.takeProbe(nowUs);
      this.#probedBytes = 0;
      if (this.#probe !== undefined) this.#debtBytes = 0;
    }
    const bps = this.#probe?.bitrateBps ?? this.#estimator.pacingBps;
    this.#debtBytes = Math.max(0, this.#debtBytes - (bps * elapsedUs) / 8e6);
    // Up to one interval's worth of debt: what the next interval pays back.
    const limitBytes = (bps * 5000) / 8e6;
    while (this.#debtBytes < limitBytes || this.#debtBytes === 0) {
      if (!this.#sendOne()) break;
    }
  }

  #sendOne(): boolean {
    const probe = this.#probe;
    const queued = this.#queue.shift();
    if (queued === undefined && probe === undefined) return false;
    const size = queued ?? PADDING_BYTES;
    if (queued !== undefined) this.#queuedBytes -= queued + HEADER_BYTES;
    this.#debtBytes += size + HEADER_BYTES;
    this.#send(size, probe?.cluster ?? -1);
    if (probe === undefined) return true;
    this.#probedBytes += size + HEADER_BYTES;
    if (this.#probedBytes >= probe.bytes) this.#probe = undefined;
    return true;
  }
}
