/**
 * Slope of the one-way delay over the latest groups, by least squares: above 0 a queue builds up, below 0 it empties.
 * It is about (sent − carried) / carried. Takes the place of the Kalman filter of draft-ietf-rmcat-gcc-02 section 5.3, as
 * in libwebrtc (trendline_estimator).
 */

/** Groups in the window (libwebrtc: kDefaultTrendlineWindowSize). */
const WINDOW = 20;
/** Part of the old value in the smoothed delay (kDefaultTrendlineSmoothingCoeff). */
const SMOOTHING = 0.9;
/** From this many groups on the trend has its full weight (kMinNumDeltas). */
const FULL_WEIGHT = 60;
/** kDefaultTrendlineThresholdGain. */
const GAIN = 4;

export class Trendline {
  /** Milliseconds of delay per millisecond of time. */
  slope = 0;
  /** Deltas seen, up to FULL_WEIGHT. */
  count = 0;
  // Short plain arrays: the memory of a typed one is a few times its content.
  readonly #arrivalMs = new Array<number>(WINDOW).fill(0);
  readonly #delayMs = new Array<number>(WINDOW).fill(0);
  #originUs = Number.NaN;
  #next = 0;
  #filled = 0;
  #accumulatedMs = 0;
  #smoothedMs = 0;

  /** The slope scaled to what the threshold is compared with (draft section 5.4: m(i) against del_var_th). */
  get modified(): number {
    return this.count * this.slope * GAIN;
  }

  /** `deltaMs`: by how much longer the latest group was under way than the one before. */
  add(deltaMs: number, arrivalUs: number): void {
    if (Number.isNaN(this.#originUs)) this.#originUs = arrivalUs;
    this.count = Math.min(this.count + 1, FULL_WEIGHT);
    this.#accumulatedMs += deltaMs;
    this.#smoothedMs = SMOOTHING * this.#smoothedMs + (1 - SMOOTHING) * this.#accumulatedMs;
    this.#arrivalMs[this.#next] = (arrivalUs - this.#originUs) / 1000;
    this.#delayMs[this.#next] = this.#smoothedMs;
    this.#next = (this.#next + 1) % WINDOW;
    this.#filled = Math.min(this.#filled + 1, WINDOW);
    if (this.#filled === WINDOW) this.#fit();
  }

  reset(): void {
    this.slope = 0;
    this.count = 0;
    this.#originUs = Number.NaN;
    this.#next = 0;
    this.#filled = 0;
    this.#accumulatedMs = 0;
    this.#smoothedMs = 0;
  }

  #fit(): void {
    let sumX = 0;
    let sumY = 0;
    for (let i = 0; i < WINDOW; i++) {
      sumX += this.#arrivalMs[i] as number;
      sumY += this.#delayMs[i] as number;
    }
    const meanX = sumX / WINDOW;
    const meanY = sumY / WINDOW;
    let covariance = 0;
    let variance = 0;
    for (let i = 0; i < WINDOW; i++) {
      const x = (this.#arrivalMs[i] as number) - meanX;
      covariance += x * ((this.#delayMs[i] as number) - meanY);
      variance += x * x;
    }
    if (variance > 0) this.slope = covariance / variance;
  }
}
