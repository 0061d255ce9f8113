/**
 * Asks one publisher's stream for key frames on behalf of all its viewers, at most once a second: the first request
 * goes out at once, those that come within the second are answered by one at its end. A request is repeated while no
 * key frame comes, because PLIs and key frames get lost; after MAX_ATTEMPTS it rests until somebody asks again. Each
 * request is paid from the meeting's budget, and waits while that is used up.
 */
import { ASSUMED_KEYFRAME_BYTES, type KeyframeBudget } from '../forward/keyframe-budget.ts';

export const KEYFRAME_REQUEST_INTERVAL_US = 1_000_000;
export const MAX_ATTEMPTS = 5;
/** How long a request that could not be paid waits before it tries again. */
const BUDGET_RETRY_US = 200_000;

export class KeyframeRequest {
  /** Requests by viewers and slots. */
  asked = 0;
  /** Requests that went out to the publisher. */
  sent = 0;
  /** The meeting's; without one, nothing is paid. */
  budget: KeyframeBudget | undefined;
  /** Size of the stream's last key frame. */
  priceBytes = ASSUMED_KEYFRAME_BYTES;
  #lastSentUs = Number.NEGATIVE_INFINITY;
  #notBeforeUs = Number.NEGATIVE_INFINITY;
  #attemptsLeft = 0;

  /** Time at which a request is due; Infinity when none is wanted. Never earlier than a second after the last one. */
  get dueUs(): number {
    if (this.#attemptsLeft === 0) return Number.POSITIVE_INFINITY;
    return Math.max(this.#lastSentUs + KEYFRAME_REQUEST_INTERVAL_US, this.#notBeforeUs);
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
    if (this.budget !== undefined && !this.budget.take(nowUs, this.priceBytes)) {
      this.#notBeforeUs = nowUs + BUDGET_RETRY_US;
      return false;
    }
    this.#lastSentUs = nowUs;
    this.#attemptsLeft--;
    this.sent++;
    return true;
  }
}
