/** Which packets a receiver asks for again, and when: libwebrtc's modules/video_coding/nack_requester.cc. */
import { quantile } from '../report/series.ts';

const INITIAL_ROUND_TRIP_US = 100_000;
const MAX_RETRIES = 10;
const MAX_LIST = 1000;

/** How many packets overtook one that came late: the last 128 of them, counted up to 9 (libwebrtc's histogram). */
const LATE_KEPT = 128;
const MOST_LATE = 9;

const NOTHING: readonly number[] = [];

interface Missing {
  /** Asked for when a packet this high has come: until then it may only have been overtaken. */
  readonly askFrom: number;
  sentUs: number;
  retries: number;
}

export class NackRequester {
  roundTripUs = INITIAL_ROUND_TRIP_US;
  /** Numbers that were asked for at least once. */
  asked = 0;
  /** The list overflowed: only a key frame helps. */
  overflowed = false;
  readonly #missing = new Map<number, Missing>();
  readonly #late: number[] = [];
  #highest = -1;

  /** `sequence` widened; `repaired`: it came by RTX. True when it is a packet that was missing. */
  receive(sequence: number, repaired: boolean): boolean {
    if (this.#highest < 0) this.#highest = sequence;
    if (sequence <= this.#highest) {
      if (!repaired) this.#noteLate(this.#highest - sequence);
      return this.#missing.delete(sequence);
    }
    if (sequence - this.#highest > MAX_LIST) this.clear();
    else this.#miss(this.#highest + 1, sequence);
    this.#highest = sequence;
    if (this.#missing.size > MAX_LIST) {
      this.clear();
      this.overflowed = true;
    }
    return false;
  }

  /** Numbers to ask for now. */
  due(nowUs: number): readonly number[] {
    if (this.#missing.size === 0) return NOTHING;
    const due: number[] = [];
    for (const [sequence, missing] of this.#missing) {
      if (this.#highest < missing.askFrom) continue;
      if (missing.sentUs >= 0 && nowUs - missing.sentUs < this.roundTripUs) continue;
      if (missing.retries >= MAX_RETRIES) {
        this.#missing.delete(sequence);
        continue;
      }
      if (missing.retries === 0) this.asked++;
      missing.retries++;
      missing.sentUs = nowUs;
      due.push(sequence);
    }
    return due;
  }

  /** A key frame was decoded: what is older no longer matters. Returns what was still missing of it. */
  clearBelow(sequence: number): number[] {
    const cleared = [...this.#missing.keys()].filter((missing) => missing < sequence);
    for (const missing of cleared) this.#missing.delete(missing);
    return cleared;
  }

  clear(): void {
    this.#missing.clear();
  }

  #miss(from: number, until: number): void {
    const patience = this.#usualLateness();
    for (let s = from; s < until; s++) this.#missing.set(s, { askFrom: s + patience, sentUs: -1, retries: 0 });
  }

  #noteLate(packets: number): void {
    this.#late.push(Math.min(MOST_LATE, packets));
    if (this.#late.length > LATE_KEPT) this.#late.shift();
  }

  /** What half of the late packets do not exceed. */
  #usualLateness(): number {
    return this.#late.length === 0 ? 0 : quantile(this.#late, 0.5);
  }
}
