/**
 * Which packets of one publisher's stream are missing, and when to ask for each again (RFC 4585 section 6.2.1). Bounded:
 * MAX_MISSING packets, MAX_TRIES requests for one, MAX_AGE_US of waiting; beyond that a key frame does better. Costs two
 * comparisons per packet while nothing is missing, and no memory before the first loss.
 */
import { ReorderingDelay } from './reordering-delay.ts';

/** A second of loss at 2 Mb/s. What is more is not repaired packet by packet; libwebrtc gives up at 1000. */
export const MAX_MISSING = 256;
/** As libwebrtc (kMaxNackRetries). */
export const MAX_TRIES = 10;
/** Older than this, viewers have asked for a key frame themselves. */
export const MAX_AGE_US = 1_500_000;
/** Before anything is known; libwebrtc assumes the same (kDefaultRttMs). */
const DEFAULT_ROUND_TRIP_US = 100_000;
/** A repeated packet may come so much later than the round trip: the publisher's pacing, and the ticks of our timer. */
const RETRY_SLACK_US = 20_000;
const NEVER = Number.POSITIVE_INFINITY;

/** Missing packets, by ascending number. */
class MissingList {
  count = 0;
  readonly index = new Float64Array(MAX_MISSING);
  readonly detectedUs = new Float64Array(MAX_MISSING);
  /** Of the last request. */
  readonly sentUs = new Float64Array(MAX_MISSING);
  readonly dueUs = new Float64Array(MAX_MISSING);
  readonly tries = new Uint8Array(MAX_MISSING);
  readonly #columns = [this.index, this.detectedUs, this.sentUs, this.dueUs, this.tries] as const;

  add(index: number, nowUs: number, dueUs: number): void {
    const at = this.count++;
    this.index[at] = index;
    this.detectedUs[at] = nowUs;
    this.sentUs[at] = 0;
    this.dueUs[at] = dueUs;
    this.tries[at] = 0;
  }

  /** Position of `index`, −1 when it is not there. */
  find(index: number): number {
    const at = this.firstFrom(index);
    return at < this.count && this.index[at] === index ? at : -1;
  }

  /** Position of the first that is not below `index`; `count` when all are. */
  firstFrom(index: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.index[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  remove(at: number, count: number): void {
    for (const column of this.#columns) column.copyWithin(at, at + count, this.count);
    this.count -= count;
  }

  earliestUs(): number {
    let earliest = NEVER;
    for (let i = 0; i < this.count; i++) earliest = Math.min(earliest, this.dueUs[i] as number);
    return earliest;
  }
}

export class NackGenerator {
  /** When `take` has something to do; Infinity when not. */
  dueUs = NEVER;
  /** Requests for a packet that went out; those that were followed by the packet; that were needless, because it came by itself. */
  requested = 0;
  repaired = 0;
  needless = 0;
  /** Packets given up: asked for too often, too old, or made pointless by a key frame. */
  abandoned = 0;
  /** Times so much was missing that only a key frame helps. */
  overflows = 0;
  readonly #usesRtx: boolean;
  readonly #reordering = new ReorderingDelay();
  #missing: MissingList | undefined;
  /** Highest number so far; −1 before the first. */
  #highest = -1;
  #overflowed = false;
  /** Smoothed time from request to repetition; 0 before the first. */
  #responseUs = 0;
  #roundTripUs = DEFAULT_ROUND_TRIP_US;

  /** `usesRtx`: what is sent again comes on another stream, so that whatever comes on this one was sent once. */
  constructor(usesRtx: boolean) {
    this.#usesRtx = usesRtx;
  }

  /** Packets missing now. */
  get missing(): number {
    return this.#missing?.count ?? 0;
  }

  /** How long a missing packet is waited for before it is asked for, as learned. */
  get reorderingWaitUs(): number {
    return this.#reordering.waitUs;
  }

  /** One packet of the stream, by its widened number. False when `dueUs` or an overflow is to be looked at. Hot. */
  receive(nowUs: number, index: number): boolean {
    const highest = this.#highest;
    if (index > highest) {
      this.#highest = index;
      if (index === highest + 1 || highest < 0) return true;
      this.#handleGap(nowUs, highest + 1, index);
      return false;
    }
    const missing = this.#missing;
    if (missing === undefined || missing.count === 0) return true;
    this.#handleLate(nowUs, index, missing);
    return true;
  }

  /**
   * The packet was sent again by RTX and is here. Whether it was missing; `dueUs` and an overflow are to be looked at, as
   * it may be ahead of all others.
   */
  handleRepair(nowUs: number, index: number): boolean {
    if (index > this.#highest) {
      this.receive(nowUs, index);
      return false;
    }
    const missing = this.#missing;
    const at = missing === undefined ? -1 : missing.find(index);
    if (missing === undefined || at < 0) return false;
    this.#repaired(nowUs, missing, at);
    this.#remove(missing, at, 1);
    return true;
  }

  /** Nothing is needed any more. */
  clear(): void {
    this.handleKeyframe(NEVER);
  }

  /** A key frame begins at `index`: nothing before it is needed. */
  handleKeyframe(index: number): void {
    const missing = this.#missing;
    if (missing === undefined || missing.count === 0) return;
    const count = missing.firstFrom(index);
    this.abandoned += count;
    this.#remove(missing, 0, count);
  }

  /** Whether so much was missing that a key frame is to be asked for; once each time. */
  takeOverflow(): boolean {
    const overflowed = this.#overflowed;
    this.#overflowed = false;
    return overflowed;
  }

  /**
   * Writes the sequence numbers (16 bits) to ask for now, ascending, and returns how many; they count as asked for.
   * `roundTripMs` to the publisher, undefined when not known. MAX_MISSING in `sequenceNumbers` are enough.
   */
  take(nowUs: number, roundTripMs: number | undefined, sequenceNumbers: Uint16Array): number {
    const missing = this.#missing;
    if (missing === undefined || nowUs < this.dueUs) return 0;
    if (roundTripMs !== undefined) this.#roundTripUs = roundTripMs * 1000;
    const retryUs = nowUs + Math.max(this.#roundTripUs, this.#responseUs) + RETRY_SLACK_US;
    let written = 0;
    for (let i = missing.count - 1; i >= 0; i--) {
      if ((missing.dueUs[i] as number) > nowUs || !this.#isWorthwhile(nowUs, missing, i)) continue;
      if (written === sequenceNumbers.length) break;
      (missing.tries[i] as number)++;
      missing.sentUs[i] = nowUs;
      missing.dueUs[i] = retryUs;
      sequenceNumbers[written++] = (missing.index[i] as number) % 65536;
    }
    sequenceNumbers.subarray(0, written).reverse();
    this.requested += written;
    this.dueUs = missing.earliestUs();
    return written;
  }

  /** Gives the packet up when it is not. */
  #isWorthwhile(nowUs: number, missing: MissingList, at: number): boolean {
    const tries = missing.tries[at] as number;
    if (tries < MAX_TRIES && nowUs - (missing.detectedUs[at] as number) <= MAX_AGE_US) return true;
    missing.remove(at, 1);
    this.abandoned++;
    return false;
  }

  /** Numbers from `first` to before `next` did not come. */
  #handleGap(nowUs: number, first: number, next: number): void {
    this.#missing ??= new MissingList();
    const missing = this.#missing;
    if (missing.count + next - first > MAX_MISSING) {
      this.abandoned += missing.count;
      this.overflows++;
      this.#overflowed = true;
      this.#remove(missing, 0, missing.count);
      return;
    }
    this.#reordering.handleGap(next);
    const dueUs = nowUs + this.#reordering.waitUs;
    for (let index = first; index < next; index++) missing.add(index, nowUs, dueUs);
    this.dueUs = Math.min(this.dueUs, dueUs);
  }

  /** A packet came after one with a higher number: overtaken on the way, or (without RTX) sent again. */
  #handleLate(nowUs: number, index: number, missing: MissingList): void {
    const at = missing.find(index);
    if (at < 0) return;
    const tries = missing.tries[at] as number;
    const sinceRequestUs = nowUs - (missing.sentUs[at] as number);
    if (tries > 0 && !this.#usesRtx && sinceRequestUs >= this.#roundTripUs / 2) {
      this.#repaired(nowUs, missing, at);
    } else {
      if (tries > 0) this.needless++;
      this.#reordering.handleLate(nowUs - (missing.detectedUs[at] as number), this.#highest);
      this.#postpone(missing);
    }
    this.#remove(missing, at, 1);
  }

  /** The wait has changed: what has not been asked for yet waits anew. */
  #postpone(missing: MissingList): void {
    const { waitUs } = this.#reordering;
    for (let i = 0; i < missing.count; i++) {
      if (missing.tries[i] === 0) missing.dueUs[i] = (missing.detectedUs[i] as number) + waitUs;
    }
  }

  #repaired(nowUs: number, missing: MissingList, at: number): void {
    this.repaired++;
    // Only a single request tells which one was answered (Karn's rule, RFC 6298 section 3).
    if (missing.tries[at] !== 1) return;
    const sampleUs = nowUs - (missing.sentUs[at] as number);
    this.#responseUs = this.#responseUs === 0 ? sampleUs : this.#responseUs + (sampleUs - this.#responseUs) / 8;
  }

  #remove(missing: MissingList, at: number, count: number): void {
    missing.remove(at, count);
    this.dueUs = missing.earliestUs();
  }
}
