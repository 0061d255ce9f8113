/**
 * Records of the egress plan that wait for their turn: one bounded pool for all transports of a worker, so that a queue
 * costs memory only while something is in it. An entry is a small non-negative integer.
 */
import { EGRESS_FLUSH_BYTES, EGRESS_WORDS, type EgressPlan } from './egress-plan.ts';

export const NO_ENTRY = -1;

/** A worker that holds back half a second of 30 000 packets a second; 1 MiB. */
export const POOL_CAPACITY = 16_384;
const INITIAL_ENTRIES = 512;

/**
 * Entry: 16 words. 0–11 as in the plan; 12: next entry of the list; 13: size in bytes, for pacing; 14: when it came, in
 * µs modulo 2^32; 15: mark of its block in the plan's ring.
 */
const RECORD_WORDS = 12;

export class RecordPool {
  /** Entries in use. */
  used = 0;
  #words = new Uint32Array(INITIAL_ENTRIES * EGRESS_WORDS);
  #next = new Int32Array(this.#words.buffer);
  /** First free entry below `#fresh`, then all from `#fresh` on. */
  #free = NO_ENTRY;
  #fresh = 0;
  readonly #capacity: number;

  constructor(capacity = POOL_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Copies the record at word `at` of `plan`, whose header block thereby outlives the flush. NO_ENTRY when full. */
  put(nowUs: number, plan: EgressPlan, at: number, sizeBytes: number): number {
    const entry = this.#take();
    if (entry === NO_ENTRY) return NO_ENTRY;
    const from = plan.words;
    const words = this.#words;
    const to = entry * EGRESS_WORDS;
    for (let i = 0; i < RECORD_WORDS; i++) words[to + i] = from[at + i] as number;
    const sideOffset = from[at + 9] as number;
    const block = sideOffset < EGRESS_FLUSH_BYTES ? keptBlock(plan, at) : sideOffset;
    words[to + 9] = block;
    this.#next[to + 12] = NO_ENTRY;
    words[to + 13] = sizeBytes;
    words[to + 14] = nowUs;
    words[to + 15] = plan.blockMark(block);
    return entry;
  }

  /** Appends the entry's record to `plan`; false when its block is no longer there. Precondition: room for one. */
  copyTo(entry: number, plan: EgressPlan): boolean {
    const words = this.#words;
    const from = entry * EGRESS_WORDS;
    const hasBlock = (words[from + 10] as number) > 0;
    if (hasBlock && !plan.hasBlock(words[from + 15] as number)) return false;
    const to = plan.words;
    const at = plan.count++ * EGRESS_WORDS;
    for (let i = 0; i < RECORD_WORDS; i++) to[at + i] = words[from + i] as number;
    return true;
  }

  release(entry: number): void {
    this.#next[entry * EGRESS_WORDS + 12] = this.#free;
    this.#free = entry;
    this.used--;
  }

  next(entry: number): number {
    return this.#next[entry * EGRESS_WORDS + 12] as number;
  }
  setNext(entry: number, next: number): void {
    this.#next[entry * EGRESS_WORDS + 12] = next;
  }
  sizeBytes(entry: number): number {
    return this.#words[entry * EGRESS_WORDS + 13] as number;
  }
  ssrc(entry: number): number {
    return this.#words[entry * EGRESS_WORDS + 7] as number;
  }
  /** Widened sequence number: roll-over counter * 65536 + sequence number. */
  index(entry: number): number {
    const at = entry * EGRESS_WORDS;
    return (this.#words[at + 8] as number) * 65536 + ((this.#words[at + 5] as number) & 0xffff);
  }
  timestamp(entry: number): number {
    return this.#words[entry * EGRESS_WORDS + 6] as number;
  }
  /** How long the entry has waited, in µs; right for an hour. */
  ageUs(entry: number, nowUs: number): number {
    return ((nowUs >>> 0) - (this.#words[entry * EGRESS_WORDS + 14] as number)) >>> 0;
  }

  #take(): number {
    const free = this.#free;
    if (free !== NO_ENTRY) {
      this.#free = this.next(free);
      this.used++;
      return free;
    }
    if (this.#fresh * EGRESS_WORDS === this.#words.length && !this.#grow()) return NO_ENTRY;
    this.used++;
    return this.#fresh++;
  }

  #grow(): boolean {
    const entries = Math.min(this.#capacity, (this.#words.length / EGRESS_WORDS) * 2);
    if (entries * EGRESS_WORDS === this.#words.length) return false;
    const words = new Uint32Array(entries * EGRESS_WORDS);
    words.set(this.#words);
    this.#words = words;
    this.#next = new Int32Array(words.buffer);
    return true;
  }
}

/** The record's block is of the part of `side` that ends with the flush: a copy of it in the ring. */
function keptBlock(plan: EgressPlan, at: number): number {
  const sizes = plan.words[at + 10] as number;
  const sizeBytes = (sizes >>> 16) + (sizes & 0xffff);
  const from = plan.words[at + 9] as number;
  const to = plan.openBlock(sizeBytes);
  plan.side.copyWithin(to, from, from + sizeBytes);
  plan.closeBlock(sizeBytes);
  return to;
}
