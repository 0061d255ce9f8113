/**
 * How often pictures stood still, and for how long (webrtc-stats, `freezeCount`): when the next comes later than three times the usual, and at
 * least 150 ms later.
 */
const SMOOTHING = 1 / 30;

export class FreezeMeter {
  count = 0;
  seconds = 0;
  #shownMs: number | undefined;
  #usualMs = 33;

  handleShown(nowMs: number): void {
    if (this.#shownMs !== undefined) {
      const stepMs = nowMs - this.#shownMs;
      if (stepMs > Math.max(3 * this.#usualMs, this.#usualMs + 150)) {
        this.count++;
        this.seconds += stepMs / 1000;
      } else {
        this.#usualMs += (stepMs - this.#usualMs) * SMOOTHING;
      }
    }
    this.#shownMs = nowMs;
  }

  /** Frames per second, as usual of late. */
  get framesPerSecond(): number {
    return 1000 / this.#usualMs;
  }
}
