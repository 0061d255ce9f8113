/**
 * For how long nothing at all has come from the router. It sends everybody a report each second, also when nobody says or shows
 * anything. So a second and a little without a byte is a report that was lost, or more than that; two are the router's silence, or
 * the network's.
 */

/** Between two looks, more is not counted: then it was us who slept. */
const LONGEST_STEP_MS = 500;

export class MediaSilence {
  #received = Number.NaN;
  #lookedMs = Number.NaN;
  #silentMs = 0;

  /** To be called a few times a second with a count that grows with whatever arrives. @returns milliseconds of silence */
  look(nowMs: number, received: number): number {
    const stepMs = Math.min(LONGEST_STEP_MS, nowMs - this.#lookedMs);
    this.#silentMs = received === this.#received ? this.#silentMs + stepMs : 0;
    this.#received = received;
    this.#lookedMs = nowMs;
    return this.#silentMs;
  }
}
