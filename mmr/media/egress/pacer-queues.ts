/**
 * What waits, by transport: a first-in first-out list for each of the priorities that may wait, out of the one pool of
 * the worker. Packets of one stream keep their order as long as they have one priority.
 */
import type { EgressPlan } from './egress-plan.ts';
import { NO_ENTRY, POOL_CAPACITY, RecordPool } from './record-pool.ts';

/** Priorities 1 to 3 of the gate. */
const LANES = 3;
const MEDIA_LANE = 1;
const INITIAL_TRANSPORTS = 64;

export class PacerQueues {
  /** By transport handle. */
  packets = new Int32Array(INITIAL_TRANSPORTS);
  bytes = new Int32Array(INITIAL_TRANSPORTS);
  readonly pool: RecordPool;
  /** By handle * LANES + priority − 1. */
  #head = new Int32Array(INITIAL_TRANSPORTS * LANES).fill(NO_ENTRY);
  #tail = new Int32Array(INITIAL_TRANSPORTS * LANES).fill(NO_ENTRY);

  constructor(poolCapacity = POOL_CAPACITY) {
    this.pool = new RecordPool(poolCapacity);
  }

  /** Makes place for handles below `transports`. */
  grow(transports: number): void {
    this.packets = grown(this.packets, transports, 0);
    this.bytes = grown(this.bytes, transports, 0);
    this.#head = grown(this.#head, transports * LANES, NO_ENTRY);
    this.#tail = grown(this.#tail, transports * LANES, NO_ENTRY);
  }

  /** Copies the record at word `at` of `plan`; false when the pool is full. `priority` 1–3. */
  push(nowUs: number, handle: number, plan: EgressPlan, at: number, sizeBytes: number, priority: number): boolean {
    const pool = this.pool;
    const entry = pool.put(nowUs, plan, at, sizeBytes);
    if (entry === NO_ENTRY) return false;
    const lane = handle * LANES + priority - 1;
    const tail = this.#tail[lane] as number;
    if (tail === NO_ENTRY) this.#head[lane] = entry;
    else pool.setNext(tail, entry);
    this.#tail[lane] = entry;
    (this.packets[handle] as number)++;
    (this.bytes[handle] as number) += sizeBytes;
    return true;
  }

  /** The entry that is to leave next; NO_ENTRY when none waits. */
  first(handle: number): number {
    const lane = handle * LANES;
    let entry = this.#head[lane] as number;
    if (entry === NO_ENTRY) entry = this.#head[lane + 1] as number;
    return entry === NO_ENTRY ? (this.#head[lane + 2] as number) : entry;
  }

  /** Whether the entry that `first` has just returned is media. */
  isMedia(handle: number, entry: number): boolean {
    return this.#head[handle * LANES + MEDIA_LANE] === entry;
  }

  /** Takes out what `first` has just returned. The entry is the caller's to release. */
  takeFirst(handle: number): void {
    let lane = handle * LANES;
    while (this.#head[lane] === NO_ENTRY) lane++;
    const entry = this.#head[lane] as number;
    this.#unlink(handle, lane, NO_ENTRY, entry);
  }

  /** Drops all that waits of one stream under `priority` (1–3), oldest first. */
  dropStream(handle: number, priority: number, ssrc: number, dropped: (index: number) => void): void {
    const pool = this.pool;
    const lane = handle * LANES + priority - 1;
    let previous = NO_ENTRY;
    for (let entry = this.#head[lane] as number; entry !== NO_ENTRY; ) {
      const next = pool.next(entry);
      if (pool.ssrc(entry) === ssrc) {
        this.#unlink(handle, lane, previous, entry);
        dropped(pool.index(entry));
        pool.release(entry);
      } else {
        previous = entry;
      }
      entry = next;
    }
  }

  /** Calls `visit` with each waiting entry of media, oldest first. */
  eachMedia(handle: number, visit: (entry: number) => void): void {
    let entry = this.#head[handle * LANES + MEDIA_LANE] as number;
    for (; entry !== NO_ENTRY; entry = this.pool.next(entry)) visit(entry);
  }

  clear(handle: number): void {
    for (let entry = this.first(handle); entry !== NO_ENTRY; entry = this.first(handle)) {
      this.takeFirst(handle);
      this.pool.release(entry);
    }
  }

  #unlink(handle: number, lane: number, previous: number, entry: number): void {
    const pool = this.pool;
    const next = pool.next(entry);
    if (previous === NO_ENTRY) this.#head[lane] = next;
    else pool.setNext(previous, next);
    if (next === NO_ENTRY) this.#tail[lane] = previous;
    (this.packets[handle] as number)--;
    (this.bytes[handle] as number) -= pool.sizeBytes(entry);
  }
}

/** A copy of `from` with at least `length` elements, the new ones `value`; `from` itself when it is long enough. */
export function grown<A extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(
  from: A,
  length: number,
  value: number,
): A {
  if (from.length >= length) return from;
  // The constructor of a typed array makes one of its own kind.
  const to = new (from.constructor as new (length: number) => A)(Math.max(length, from.length * 2)).fill(value) as A;
  to.set(from);
  return to;
}
