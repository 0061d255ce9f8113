/**
 * Asks one publisher's stream for key frames on behalf of all its viewers, at most once a second: the first request
 * goes out at once, those that come within the second are answered by one at its end. A request is repeated while no
 * key frame comes, because PLIs and key frames get lost; after MAX_ATTEMPTS it rests until somebody asks again.
 */
export const KEYFRAME_REQUEST_INTERVAL_US = 1_000_000;
export const MAX_ATTEMPTS = 5;

export class KeyframeRequest {
  /** Requests by viewers and slots. */
  asked = 0;
  /** Requests that went out to the publisher. */
  sent = 0;
  #lastSentUs = Number.NEGATIVE_INFINITY;
  #attemptsLeft = 0;

  /** Time at which a request is due; Infinity when none is wanted. Never earlier than a second after the last one. */
  get dueUs(): number {
    if (this.#attemptsLeft === 0) return Number.POSITIVE_INFINITY;
    return this.#lastSentUs + KEYFRAME_REQUEST_INTERVAL_US;
  }

  /** Somebody needs a key frame. */
  request(): void {
    this.asked++;
    this.#attemptsLeft = MAX_ATTEMPTS;
  }

  /** A key frame arrived: whoever asked before gets this one. */
  satisfied(): void {
    this.#attemptsLeft = 0;
  }

  /** True when a request is to be sent now; it then counts as sent. */
  take(nowUs: number): boolean {
    if (nowUs < this.dueUs) return false;
    this.#lastSentUs = nowUs;
    this.#attemptsLeft--;
    this.sent++;
    return true;
  }
}
