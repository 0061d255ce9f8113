/** Measures the path by what arrives: the trend of the delay, the standing queue, the rate and the round trip. */
import { AckedBitrate } from './acked-bitrate.ts';
import { DelayTrend } from './delay-trend.ts';
import type { Demand } from './demand.ts';
import { Usage } from './overuse-detector.ts';
import type { PathView } from './path-view.ts';
import { QueueSurge } from './queue-surge.ts';
import { RoundTrip } from './round-trip.ts';
import { StandingQueue } from './standing-queue.ts';

export class PathMeter {
  readonly queue = new StandingQueue();
  readonly roundTrip = new RoundTrip();
  /** As of the last `look`. */
  readonly view: PathView;
  /** Of a surge since the last `look`; NaN: there was none. */
  #surgedBps = Number.NaN;
  #besideRival = false;
  readonly #trend = new DelayTrend();
  readonly #surge = new QueueSurge();
  readonly #acked = new AckedBitrate();

  constructor() {
    this.view = {
      usage: Usage.normal,
      ackedBps: Number.NaN,
      quickBps: Number.NaN,
      surgeBps: Number.NaN,
      sentBps: 0,
      queueMs: 0,
      jitterMs: 0,
      rttMs: this.roundTrip.ms,
      applicationLimited: false,
    };
  }

  /** A packet that arrived, in the order sent; `late`: feedback had called it missing before. */
  add(sentUs: number, arrivalUs: number, sizeBytes: number, late: boolean): void {
    this.#acked.add(arrivalUs, sizeBytes);
    this.queue.add(sentUs, arrivalUs);
    if (late) {
      // It was overtaken: what made others wait was no queue.
      this.#surge.reset();
      return;
    }
    this.#trend.add(sentUs, arrivalUs);
    if (this.#surge.add(sentUs, arrivalUs, sizeBytes, this.queue.waitUs, this.queue.jitterMs)) this.#handleSurge();
  }

  /** A packet that presumably arrived then: feedback about it was lost. */
  credit(arrivalUs: number, sizeBytes: number): void {
    this.#acked.add(arrivalUs, sizeBytes);
  }

  /** Fills `view`, after the arrivals of a feedback and the update of `demand`. */
  look(demand: Demand): void {
    const { view } = this;
    view.ackedBps = this.#acked.bps;
    view.quickBps = this.#acked.quickBps;
    view.queueMs = this.queue.ms;
    view.jitterMs = this.queue.jitterMs;
    view.rttMs = this.roundTrip.ms;
    view.sentBps = demand.sentBps;
    view.applicationLimited = demand.applicationLimited;
    // A growing delay that leaves no queue behind was jitter.
    const noise = this.#trend.usage === Usage.over && view.queueMs < view.jitterMs;
    view.usage = noise ? Usage.normal : this.#trend.usage;
    view.surgeBps = this.#surgedBps;
    if (!Number.isNaN(view.surgeBps)) view.usage = Usage.over;
    this.#surgedBps = Number.NaN;
  }

  /** Somebody else keeps a queue on the path, or no longer. */
  setBesideRival(besideRival: boolean): void {
    this.#besideRival = besideRival;
    this.#trend.setBesideRival(besideRival);
  }

  /** After an outage: what was measured before it says nothing. */
  restart(): void {
    this.#trend.reset();
    this.#acked.reset();
    this.#surge.reset();
    this.#surgedBps = Number.NaN;
    this.view.usage = Usage.normal;
  }

  /** The capacity has collapsed: what arrived before, and the delays of then, say nothing of the path as it is. A rival's queue is his. */
  #handleSurge(): void {
    if (this.#besideRival) return;
    this.#surgedBps = this.#surge.bps;
    this.#acked.forgetBefore(this.#surge.sinceUs);
    this.queue.trustLatest();
  }
}

/** Queue that is beyond noise, milliseconds. */
const REAL_QUEUE_MS = 40;
/** A path with no longer queue is at rest. */
const QUIET_QUEUE_MS = 25;

/** Whether packets stand in a queue for certain: what arrives meanwhile is the capacity, however little was sent. */
export function queueIsReal(path: PathView): boolean {
  return path.queueMs > Math.max(REAL_QUEUE_MS, path.jitterMs);
}

/** Whether there is no queue to speak of. */
export function queueIsShort(path: PathView): boolean {
  return path.queueMs < Math.max(QUIET_QUEUE_MS, path.jitterMs);
}
