/**
 * How long packets stand in queues: one-way delay above the least one seen lately. The trendline sees a queue grow; this
 * one sees that it has remained, which the trend forgets.
 */

/** The least delay is taken over this and the one before, so a route change is forgotten in half a minute. */
const BASE_WINDOW_US = 15_000_000;
/** The queue is the least delay over this time and packets, and those before: jitter is not a queue. */
const RECENT_WINDOW_US = 60_000;
const RECENT_PACKETS = 6;
/** A packet that is so near to the least delay has met no queue. */
const EMPTY_US = 20_000;
/** Gain of the mean change of the delay; RFC 3550 section 6.4.1 has 1/16 for jitter. */
const JITTER_GAIN = 1 / 32;

export class StandingQueue {
  /** Mean change of the delay from one packet to the next, milliseconds. */
  jitterMs = 0;
  readonly #base = new WindowedMinimum(BASE_WINDOW_US, 1);
  readonly #recent = new WindowedMinimum(RECENT_WINDOW_US, RECENT_PACKETS);
  #lastDelayUs = Number.NaN;
  /** The least delay from before `rebase`; NaN: that queue has gone, or there was none. */
  #emptyUs = Number.NaN;

  /** Milliseconds; 0 before the first packet. */
  get ms(): number {
    const above = (this.#recent.value - this.#base.value) / 1000;
    return above > 0 ? above : 0;
  }

  /** The clocks of sender and receiver share no origin: only differences of `arrivalUs − sentUs` matter. */
  add(sentUs: number, arrivalUs: number): void {
    const delayUs = arrivalUs - sentUs;
    this.#base.add(arrivalUs, delayUs);
    this.#recent.add(arrivalUs, delayUs);
    if (delayUs < this.#emptyUs + EMPTY_US) this.#emptyUs = Number.NaN;
    if (!Number.isNaN(this.#lastDelayUs)) {
      this.jitterMs += JITTER_GAIN * (Math.abs(delayUs - this.#lastDelayUs) / 1000 - this.jitterMs);
    }
    this.#lastDelayUs = delayUs;
  }

  /** Delay of the latest packet above the least one, microseconds. */
  get waitUs(): number {
    return this.#lastDelayUs - this.#base.value;
  }

  /** The latest packets are known to stand in a queue: what was before is no part of it. */
  trustLatest(): void {
    this.#recent.restart(this.#lastDelayUs);
  }

  /** Whether a queue that is not ours still stands, as far as is known. */
  get rebased(): boolean {
    return !Number.isNaN(this.#emptyUs);
  }

  /** The queue that stands now is not ours to empty: counts from here on, until it has gone. */
  rebase(): void {
    if (Number.isNaN(this.#emptyUs)) this.#emptyUs = this.#base.value;
    this.#base.restart(this.#recent.value);
  }
}

/** Least value of the running window and the one before it; a window has a least length and number of values. */
class WindowedMinimum {
  readonly #windowUs: number;
  readonly #leastCount: number;
  #count = 0;
  #startUs = Number.NaN;
  #running = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;

  constructor(windowUs: number, leastCount: number) {
    this.#windowUs = windowUs;
    this.#leastCount = leastCount;
  }

  get value(): number {
    return Math.min(this.#running, this.#before);
  }

  add(atUs: number, value: number): void {
    if (Number.isNaN(this.#startUs)) this.#startUs = atUs;
    if (atUs - this.#startUs >= this.#windowUs && this.#count >= this.#leastCount) {
      this.#before = this.#running;
      this.#running = Number.POSITIVE_INFINITY;
      this.#startUs = atUs;
      this.#count = 0;
    }
    this.#count++;
    if (value < this.#running) this.#running = value;
  }

  restart(value: number): void {
    this.#running = value;
    this.#before = value;
  }
}
