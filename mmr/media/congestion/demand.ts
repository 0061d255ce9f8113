/**
 * What the subscriber could use at most, and whether he uses what he might. It bounds the estimate: beyond what is
 * subscribed nothing can be learned, and a receiver that lies gains nothing.
 */

/** The allocator climbs with a margin over a layer's rate: it has to be visible in the estimate. */
const HEAD_ROOM = 1.25;
/** Below this part of the target the application is what limits (libwebrtc, alr_detector: kDefaultAlrBandwidthUsageRatio). */
const LIMITED_PART = 0.65;
/** Time constant of the rate sent (alr_detector works with a budget of 500 ms). */
const WINDOW_US = 500_000;

export class Demand {
  /** Infinity until somebody tells. */
  wantedBps = Number.POSITIVE_INFINITY;
  applicationLimited = false;
  /** Smoothed, bits per second. */
  sentBps = 0;
  /** Bytes sent since the last `update`; counted by the hot path. */
  sentBytes = 0;
  #updatedUs = 0;
  #earlierBytes = 0;

  constructor(nowUs: number) {
    this.#updatedUs = nowUs;
  }

  /** Estimates above are of no use. */
  get ceilingBps(): number {
    return this.wantedBps * HEAD_ROOM;
  }

  /** Bytes sent since the beginning. */
  get totalBytes(): number {
    return this.#earlierBytes + this.sentBytes;
  }

  update(nowUs: number, targetBps: number): void {
    const passedUs = nowUs - this.#updatedUs;
    if (passedUs <= 0) return;
    const weight = Math.min(1, passedUs / WINDOW_US);
    this.sentBps += weight * ((this.sentBytes * 8e6) / passedUs - this.sentBps);
    this.#earlierBytes += this.sentBytes;
    this.sentBytes = 0;
    this.#updatedUs = nowUs;
    this.applicationLimited = this.sentBps < LIMITED_PART * targetBps;
  }
}
