/**
 * Requests a second that are looked at, by address: whoever has not proved who he is costs little, and a spoofed source
 * gets few of our answers.
 */
import { TokenBucket } from '../../../mmr/media/token-bucket.ts';

/** Addresses that are remembered; beyond, the one that came first is forgotten and starts anew. */
const MAX_ADDRESSES = 10_000;

export class RequestLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  take(nowMs: number, address: string): boolean {
    let bucket = this.#buckets.get(address);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#perSecond, this.#burst);
      this.#buckets.set(address, bucket);
      if (this.#buckets.size > MAX_ADDRESSES) {
        for (const oldest of this.#buckets.keys()) {
          this.#buckets.delete(oldest);
          break;
        }
      }
    }
    return bucket.take(nowMs * 1000, 1);
  }

  /** Addresses remembered. */
  get size(): number {
    return this.#buckets.size;
  }
}
