/**
 * When each transport wants to be woken: one wheel for all transports of a worker, so that a packet never costs a timer
 * and a tick only looks at transports that are due. A turn is longer than the second between two reports, so that hardly any
 * transport comes by without being due.
 */
export const TICK_US = 5_000;
const BUCKETS = 256;
/** What is further away comes by after this, to be scheduled again. Must be less than a turn of the wheel. */
export const MAX_DELAY_US = 1_200_000;
const NONE = -1;

export class TimerWheel {
  /** First item of each bucket, and the items' links; an item is a small non-negative integer. */
  readonly #first = new Int32Array(BUCKETS).fill(NONE);
  #next = new Int32Array(64).fill(NONE);
  #previous = new Int32Array(64).fill(NONE);
  /** Tick at which an item is due; NONE when it is not in the wheel. */
  #dueTick = new Float64Array(64).fill(NONE);
  /** Tick up to which all is taken. */
  #tick = 0;
  /** Time of the last `takeDue`. */
  #nowUs = 0;

  /** (Re)schedules `item` at `atUs`: at the next tick at the earliest, MAX_DELAY_US from the last one at the latest. */
  schedule(item: number, atUs: number): void {
    if (item >= this.#next.length) this.#grow(item);
    this.cancel(item);
    const wishedTick = Math.ceil(Math.min(atUs, this.#nowUs + MAX_DELAY_US) / TICK_US);
    const tick = Math.max(wishedTick, Math.floor(this.#nowUs / TICK_US) + 1);
    const bucket = tick % BUCKETS;
    const first = this.#first[bucket] as number;
    this.#dueTick[item] = tick;
    this.#next[item] = first;
    this.#previous[item] = NONE;
    if (first !== NONE) this.#previous[first] = item;
    this.#first[bucket] = item;
  }

  cancel(item: number): void {
    const dueTick = this.#dueTick[item] ?? NONE;
    if (dueTick === NONE) return;
    const next = this.#next[item] as number;
    const previous = this.#previous[item] as number;
    if (previous === NONE) this.#first[dueTick % BUCKETS] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#dueTick[item] = NONE;
  }

  /** Takes one item out that is due at `nowUs`; −1 when there is none (left). */
  takeDue(nowUs: number): number {
    const end = Math.floor(nowUs / TICK_US);
    this.#nowUs = nowUs;
    // After a long stop of the whole process one turn of the wheel holds everything.
    if (end - this.#tick > BUCKETS) this.#tick = end - BUCKETS;
    for (; this.#tick <= end; this.#tick++) {
      let item = this.#first[this.#tick % BUCKETS] as number;
      // After a stop, the ticks gone by share buckets with what has been scheduled for later meanwhile.
      while (item !== NONE && (this.#dueTick[item] as number) > end) item = this.#next[item] as number;
      if (item !== NONE) {
        this.cancel(item);
        return item;
      }
      if (this.#tick === end) break;
    }
    return NONE;
  }

  #grow(item: number): void {
    const size = Math.max(item + 1, this.#next.length * 2);
    this.#next = grown(this.#next, new Int32Array(size).fill(NONE));
    this.#previous = grown(this.#previous, new Int32Array(size).fill(NONE));
    this.#dueTick = grown(this.#dueTick, new Float64Array(size).fill(NONE));
  }
}

function grown<A extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(from: A, to: A): A {
  to.set(from);
  return to;
}
