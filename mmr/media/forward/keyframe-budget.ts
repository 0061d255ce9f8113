/**
 * What key frames may cost a meeting: each takes bits from all who see it, and from the publisher's own uplink. Requests
 * are paid in bytes, at the size of the encoding's last key frame; what cannot be paid waits.
 */
/**
 * 2 Mb/s on average: about eight key frames of a 720p camera a second (30 kB each, as Chromium's VP8 encoder makes them at
 * 1.5 Mb/s).
 */
export const KEYFRAME_BYTES_PER_SECOND = 250_000;
/** At once: the first pictures of a meeting in which 49 cameras come on together. */
export const KEYFRAME_BURST_BYTES = 1_500_000;
/** Of that, what one viewer may ask for: two or three key frames of 20 kB a second, and 18 at once. */
export const VIEWER_SHARE = 0.25;
/** What a key frame is taken to cost while nothing is known, and bounds for what is. */
export const ASSUMED_KEYFRAME_BYTES = 20_000;
const MIN_KEYFRAME_BYTES = 1_000;
const MAX_KEYFRAME_BYTES = 200_000;

/** A share is the same time of a smaller rate. */
const BURST_US = (KEYFRAME_BURST_BYTES / KEYFRAME_BYTES_PER_SECOND) * 1e6;

export class KeyframeBudget {
  /** Requests that had to wait. */
  refused = 0;
  /** When what has been spent will have been saved up, less the burst: spending is allowed from then on. */
  #solventUs = Number.NEGATIVE_INFINITY;
  readonly #bytesPerSecond: number;

  /** `share` of what a meeting has. */
  constructor(share = 1) {
    this.#bytesPerSecond = share * KEYFRAME_BYTES_PER_SECOND;
  }

  /**
   * Pays for one key frame of about `sizeBytes` if that is possible now. The last one may be paid on credit: else many small
   * ones would never leave enough for a large one.
   */
  take(nowUs: number, sizeBytes: number): boolean {
    if (nowUs < this.#solventUs) {
      this.refused++;
      return false;
    }
    const price = Math.min(Math.max(sizeBytes, MIN_KEYFRAME_BYTES), MAX_KEYFRAME_BYTES);
    const priceUs = (price / this.#bytesPerSecond) * 1e6;
    this.#solventUs = Math.max(this.#solventUs, nowUs - BURST_US) + priceUs;
    return true;
  }
}
