/** A budget that refills steadily: what somebody may send, in bytes or in packets. Allocates nothing per packet. */
export class TokenBucket {
  readonly #ratePerUs: number;
  readonly #depth: number;
  #tokens: number;
  #updatedUs = Number.NEGATIVE_INFINITY;

  /** `ratePerSecond` and `depth` in tokens; starts full. */
  constructor(ratePerSecond: number, depth: number) {
    this.#ratePerUs = ratePerSecond / 1e6;
    this.#depth = depth;
    this.#tokens = depth;
  }

  /** Takes `cost` tokens if they are there. A time before the last one counts as no time passed. */
  take(nowUs: number, cost: number): boolean {
    if (nowUs > this.#updatedUs) {
      this.#tokens = Math.min(this.#depth, this.#tokens + (nowUs - this.#updatedUs) * this.#ratePerUs);
      this.#updatedUs = nowUs;
    }
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
