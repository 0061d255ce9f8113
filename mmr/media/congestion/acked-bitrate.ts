/** Rate at which packets arrive, by the receiver's clock: what the path is known to carry. */

const BUCKET_US = 50_000;
const BUCKETS = 10;
/** No rate is told before this much time was seen (libwebrtc, bitrate_estimator: kRateWindowMs). */
const MIN_WINDOW_US = 150_000;
/** Window of the quick rate: spans several frames at 30/s, and forgets what was before a drop soon. */
const QUICK_BUCKETS = 3;

export class AckedBitrate {
  readonly #bytes = new Float64Array(BUCKETS);
  #firstUs = Number.NaN;
  #newestUs = Number.NaN;

  /** Arrivals come nearly in order; those older than the window count for nothing. */
  add(arrivalUs: number, sizeBytes: number): void {
    if (Number.isNaN(this.#newestUs)) {
      this.#firstUs = arrivalUs;
      this.#newestUs = arrivalUs;
    }
    if (arrivalUs > this.#newestUs) this.#moveTo(arrivalUs);
    const bucket = Math.floor(arrivalUs / BUCKET_US);
    if (bucket <= Math.floor(this.#newestUs / BUCKET_US) - BUCKETS) return;
    const slot = slotOf(bucket);
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
    const last = Math.floor(atUs / BUCKET_US);
    const newest = Math.floor(this.#newestUs / BUCKET_US);
    for (let bucket = newest - BUCKETS + 1; bucket <= last; bucket++) this.#bytes[slotOf(bucket)] = 0;
    this.#firstUs = (last + 1) * BUCKET_US;
  }

  reset(): void {
    this.#bytes.fill(0);
    this.#firstUs = Number.NaN;
    this.#newestUs = Number.NaN;
  }

  #over(buckets: number): number {
    const newestBucket = Math.floor(this.#newestUs / BUCKET_US);
    const fromUs = Math.max(this.#firstUs, (newestBucket - buckets + 1) * BUCKET_US);
    // The newest bucket is partly filled: with it, `buckets` − 1 whole ones are never less than the shortest window
    // asked for but at the start.
    const spanUs = this.#newestUs - fromUs;
    if (!(this.#newestUs - this.#firstUs >= MIN_WINDOW_US) || spanUs <= 0) return Number.NaN;
    let bytes = 0;
    for (let bucket = newestBucket - buckets + 1; bucket <= newestBucket; bucket++) {
      bytes += this.#bytes[slotOf(bucket)] as number;
    }
    return (bytes * 8e6) / spanUs;
  }

  #moveTo(arrivalUs: number): void {
    const from = Math.floor(this.#newestUs / BUCKET_US);
    const to = Math.floor(arrivalUs / BUCKET_US);
    if (to - from >= BUCKETS) this.#bytes.fill(0);
    else {
      for (let bucket = from + 1; bucket <= to; bucket++) this.#bytes[slotOf(bucket)] = 0;
    }
    this.#newestUs = arrivalUs;
  }
}

function slotOf(bucket: number): number {
  return ((bucket % BUCKETS) + BUCKETS) % BUCKETS;
}
