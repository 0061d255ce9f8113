/** When to ask for a key frame: at once when one is needed, and again as long as it does not come, ever less often. */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4_000;

export class KeyFrameRequests {
  asked = 0;
  #nextMs = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;

  /** @returns whether to ask now */
  poll(nowMs: number, isNeeded: boolean): boolean {
    if (!isNeeded) {
      this.#pauseMs = FIRST_PAUSE_MS;
      return false;
    }
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.asked++;
    return true;
  }
}
