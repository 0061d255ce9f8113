/**
 * How long media has to wait after its arrival so that what follows is there in time: by how much later than the quickest the
 * packets of the last seconds came. Carriers over TCP deliver in bursts, so this is their usual pause. A pause beyond
 * what anybody would want to wait is an outage: it, and what it has held up, says nothing about how long to wait from now on.
 */

export interface SpreadBounds {
  /** Milliseconds. */
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Packets of 20 ms, and what a page that is busy needs. */
export const SOUND_DELAY: SpreadBounds = { leastMs: 60, mostMs: 300 };
export const PICTURE_DELAY: SpreadBounds = { leastMs: 10, mostMs: 300 };

/** What is remembered. */
const WINDOW_MS = 10_000;
const MAX_SAMPLES = 1_000;
/** This share of packets is to be there in time. */
const SHARE = 0.95;

interface Sample {
  readonly atMs: number;
  readonly transitMs: number;
  /** It says how long to wait. */
  readonly counts: boolean;
}

export class ArrivalSpread {
  readonly #bounds: SpreadBounds;
  #samples: Sample[] = [];
  #base: number | undefined;
  #delayMs: number;
  /** What comes now has waited for the end of an outage. */
  #isAfterOutage = false;

  constructor(bounds: SpreadBounds) {
    this.#bounds = bounds;
    this.#delayMs = bounds.leastMs;
  }

  /** What to wait beyond the arrival of the quickest: within the bounds. */
  get delayMs(): number {
    return this.#delayMs;
  }

  /** Local time minus media time of the quickest packet; undefined before the first. */
  get baseMs(): number | undefined {
    return this.#base;
  }

  /** @param mediaMs Time of the media on any clock. */
  handleArrival(nowMs: number, mediaMs: number): void {
    const transitMs = nowMs - mediaMs;
    const { leastMs, mostMs } = this.#bounds;
    const waitMs = transitMs - (this.#base ?? transitMs);
    if (waitMs > mostMs) this.#isAfterOutage = true;
    else if (waitMs <= leastMs) this.#isAfterOutage = false;
    this.#samples.push({ atMs: nowMs, transitMs, counts: !this.#isAfterOutage });
    this.#samples.splice(0, this.#samples.length - MAX_SAMPLES);
    while ((this.#samples[0]?.atMs ?? nowMs) < nowMs - WINDOW_MS) this.#samples.shift();
    const baseMs = this.#samples.reduce((least, sample) => Math.min(least, sample.transitMs), transitMs);
    this.#base = baseMs;
    const waits = this.#samples.filter(({ counts }) => counts).map((sample) => sample.transitMs - baseMs);
    waits.sort((a, b) => a - b);
    const usualMs = waits[Math.min(waits.length - 1, Math.floor(waits.length * SHARE))] ?? 0;
    this.#delayMs = Math.min(mostMs, Math.max(leastMs, usualMs));
  }
}
