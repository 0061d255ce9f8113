/**
 * Time as this process has lived it. What it slept through, or was too busy to look at, hardly counts: by this clock
 * nobody has been silent who has spoken meanwhile and was not heard yet.
 */

/** Between two readings, at the most; read it about twice as often. */
export const LONGEST_STEP_MS = 500;

export class AwakeClock {
  #lastMs: number;
  #awakeMs: number;

  /** Begins at `nowMs`. */
  constructor(nowMs: number) {
    this.#lastMs = nowMs;
    this.#awakeMs = nowMs;
  }

  /** Milliseconds; at `nowMs` of a monotonic clock. */
  read(nowMs: number): number {
    const stepMs = Math.max(0, nowMs - this.#lastMs);
    this.#lastMs += stepMs;
    this.#awakeMs += Math.min(stepMs, LONGEST_STEP_MS);
    return this.#awakeMs;
  }
}
