/** One token bucket per key (a client's address), with a maximum of keys. Pure; time is an argument. */
import { type Rate, TokenBucket } from './token-bucket.ts';

const DEFAULT_CAPACITY = 50_000;
/** How many of the oldest keys are looked at for full buckets each time a new key comes. */
const SWEEP = 2;

export class KeyedLimiter {
  readonly #rate: Rate;
  readonly #capacity: number;
  /** In order of last use. */
  readonly #buckets = new Map<string, TokenBucket>();
  /** Keys forgotten at the maximum, although their bucket was not full again. */
  evictions = 0;

  constructor(rate: Rate, capacity: number = DEFAULT_CAPACITY) {
    this.#rate = rate;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token of the key: 0, or the milliseconds to wait. */
  take(nowMs: number, key: string, cost = 1): number {
    return this.#bucket(nowMs, key).take(nowMs, cost);
  }

  /** The milliseconds to wait until the key has a token; takes none. */
  waitMs(nowMs: number, key: string, cost = 1): number {
    return this.#buckets.get(key)?.waitMs(nowMs, cost) ?? 0;
  }

  #bucket(nowMs: number, key: string): TokenBucket {
    const known = this.#buckets.get(key);
    this.#buckets.delete(key);
    if (known === undefined) this.#makeRoom(nowMs);
    const bucket = known ?? new TokenBucket(this.#rate, nowMs);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #makeRoom(nowMs: number): void {
    let looked = 0;
    for (const [key, bucket] of this.#buckets) {
      if (looked++ === SWEEP) break;
      if (bucket.isFull(nowMs)) this.#buckets.delete(key);
    }
    const oldest = this.#buckets.size >= this.#capacity ? this.#buckets.keys().next() : undefined;
    if (oldest === undefined || oldest.done) return;
    this.#buckets.delete(oldest.value);
    this.evictions++;
  }
}
