/** Rate at which packets arrive, by the receiver's clock: what the path is known to carry. */

const BUCKET_US = 50_000;
const BUCKETS = 10;
/** No rate is told before this much time was seen (libwebrtc, bitrate_estimator: kRateWindowMs). */
const MIN_WINDOW_US = 150_000;
/** Window of the quick rate: spans several frames at 30/s, and forgets what was before a drop soon. */
const QUICK_BUCKETS = 3;

export class AckedBitrate {
  /** A ring: `#slot` holds the newest bucket, which begins at `#bucketUs`. */
  readonly #bytes = new Array<number>(BUCKETS).fill(0);
  #slot = 0;
  #bucketUs = Number.NaN;
  #firstUs = Number.NaN;
  #newestUs = Number.NaN;

  /** Arrivals come nearly in order; those older than the window count for nothing. */
  add(arrivalUs: number, sizeBytes: number): void {
    if (Number.isNaN(this.#newestUs)) {
      this.#firstUs = arrivalUs;
      this.#newestUs = arrivalUs;
      this.#bucketUs = bucketStart(arrivalUs);
    }
    if (arrivalUs > this.#newestUs) this.#moveTo(arrivalUs);
    const back = arrivalUs >= this.#bucketUs ? 0 : Math.ceil((this.#bucketUs - arrivalUs) / BUCKET_US);
    if (back >= BUCKETS) return;
    const slot = this.#slotAt(back);
    this.#bytes[slot] = (this.#bytes[slot] as number) + sizeBytes;
  }

  /** Over about half a second; NaN while too little is known. */
  get bps(): number {
    return this.#over(BUCKETS);
  }

  /** Over about 150 ms: while a queue stands on the path it is the path's capacity, soon after a change. */
  get quickBps(): number {
    return this.#over(QUICK_BUCKETS);
  }

  /** What arrived before `atUs` says nothing of the path as it is. */
  forgetBefore(atUs: number): void {
    if (!(atUs > this.#firstUs)) return;
    // The bucket of that moment holds packets of both times: it is left out.
    const lastUs = bucketStart(atUs);
    for (let back = 0; back < BUCKETS; back++) {
      if (this.#bucketUs - back * BUCKET_US <= lastUs) this.#bytes[this.#slotAt(back)] = 0;
    }
    this.#firstUs = lastUs + BUCKET_US;
  }

  reset(): void {
    this.#bytes.fill(0);
    this.#firstUs = Number.NaN;
    this.#newestUs = Number.NaN;
  }

  #over(buckets: number): number {
    const fromUs = Math.max(this.#firstUs, this.#bucketUs - (buckets - 1) * BUCKET_US);
    // The newest bucket is partly filled: with it, `buckets` − 1 whole ones are never less than the shortest window
    // asked for but at the start.
    const spanUs = this.#newestUs - fromUs;
    if (!(this.#newestUs - this.#firstUs >= MIN_WINDOW_US) || spanUs <= 0) return Number.NaN;
    let bytes = 0;
    for (let back = 0; back < buckets; back++) bytes += this.#bytes[this.#slotAt(back)] as number;
    return (bytes * 8e6) / spanUs;
  }

  #moveTo(arrivalUs: number): void {
    this.#newestUs = arrivalUs;
    if (arrivalUs < this.#bucketUs + BUCKET_US) return;
    const bucketUs = bucketStart(arrivalUs);
    const steps = (bucketUs - this.#bucketUs) / BUCKET_US;
    this.#bucketUs = bucketUs;
    if (steps >= BUCKETS) {
      this.#bytes.fill(0);
      return;
    }
    for (let i = 0; i < steps; i++) {
      this.#slot = this.#slot === BUCKETS - 1 ? 0 : this.#slot + 1;
      this.#bytes[this.#slot] = 0;
    }
  }

  /** Where the bucket is that began `back` buckets before the newest one. */
  #slotAt(back: number): number {
    const slot = this.#slot - back;
    return slot < 0 ? slot + BUCKETS : slot;
  }
}

function bucketStart(atUs: number): number {
  return Math.floor(atUs / BUCKET_US) * BUCKET_US;
}
