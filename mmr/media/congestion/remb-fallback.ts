/**
 * Estimate of receivers that send no transport-wide feedback: their REMB (draft-alvestrand-rmcat-remb-03), lowered by the
 * loss that their reports tell of, as draft-ietf-rmcat-gcc-02 section 6 does it.
 */

/** A REMB is believed this long: receivers send one a second (libwebrtc). */
const LIFETIME_US = 5_000_000;
/** Loss above is congestion, below leaves room (draft section 6). */
const HIGH_LOSS = 0.1;
const LOW_LOSS = 0.02;
const GROWTH = 1.05;

export class RembFallback {
  #rembBps = Number.NaN;
  #rembUs = 0;
  #lossBps = Number.POSITIVE_INFINITY;

  handleRemb(nowUs: number, bitrateBps: number): void {
    this.#rembBps = bitrateBps;
    this.#rembUs = nowUs;
  }

  /** Loss of the last report interval, 0..1. `currentBps`: the rate it was suffered at. */
  handleLoss(fraction: number, currentBps: number): void {
    if (fraction > HIGH_LOSS) this.#lossBps = Math.min(this.#lossBps, currentBps) * (1 - 0.5 * fraction);
    else if (fraction < LOW_LOSS) this.#lossBps *= GROWTH;
  }

  /** Bits per second; NaN when the receiver has told nothing lately. */
  bps(nowUs: number): number {
    if (!(nowUs - this.#rembUs < LIFETIME_US)) return Number.NaN;
    return Math.min(this.#rembBps, this.#lossBps);
  }
}
