/** The one rate limiter: a bucket that fills at a steady rate. Pure; time is an argument. */

export interface Rate {
  /** Tokens at most, and at the start: what may be spent at once. */
  readonly burst: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledMs = nowMs;
  }

  /**
   * Takes `cost` tokens and returns 0, or takes nothing and returns after how many milliseconds it would succeed.
   * A cost above the burst never succeeds: Infinity.
   */
  take(nowMs: number, cost = 1): number {
    this.#fill(nowMs);
    const waitMs = this.waitMs(nowMs, cost);
    if (waitMs === 0) this.#tokens -= cost;
    return waitMs;
  }

  /** As `take`, but takes nothing. */
  waitMs(nowMs: number, cost = 1): number {
    const tokens = this.#tokensAt(nowMs);
    if (tokens >= cost) return 0;
    if (cost > this.#rate.burst) return Number.POSITIVE_INFINITY;
    return Math.ceil(((cost - tokens) / this.#rate.perSecond) * 1000);
  }

  /** True when the bucket is as good as a new one. */
  isFull(nowMs: number): boolean {
    return this.#tokensAt(nowMs) >= this.#rate.burst;
  }

  #fill(nowMs: number): void {
    this.#tokens = this.#tokensAt(nowMs);
    this.#filledMs = Math.max(this.#filledMs, nowMs);
  }

  #tokensAt(nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#filledMs);
    return Math.min(this.#rate.burst, this.#tokens + (elapsedMs / 1000) * this.#rate.perSecond);
  }
}
