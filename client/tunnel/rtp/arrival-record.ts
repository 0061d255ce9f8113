/** When packets arrived, by their transport-wide numbers, until feedback about them is sent. */
import { NumberLine } from './number-line.ts';
import { writeTransportFeedback } from './transport-feedback.ts';

/** Numbers that one feedback spans at most; a wider jump is a new beginning. */
const WINDOW = 1024;

export class ArrivalRecord {
  readonly #line = new NumberLine(16);
  readonly #arrivals = new Map<number, number>();
  /** The first number that no feedback has spoken of. */
  #next: number | undefined;
  #count = 0;

  /** Arrivals that are still to be told of. */
  get pending(): number {
    return this.#arrivals.size;
  }

  /** @param number 16 bits, of the header extension */
  handleArrival(nowMs: number, number: number): void {
    const placed = this.#line.place(number);
    this.#next ??= placed;
    if (placed + WINDOW <= this.#next) return;
    // Overtaken by the feedback that called it lost: the next one starts with it and corrects that.
    if (placed < this.#next) this.#next = placed;
    if (placed - this.#next >= WINDOW) {
      this.#arrivals.clear();
      this.#next = placed;
    }
    this.#arrivals.set(placed, nowMs);
  }

  /** RTCP packets about all that is pending. */
  take(senderSsrc: number, mediaSsrc: number): Uint8Array[] {
    const first = this.#next;
    if (this.#arrivals.size === 0 || first === undefined) return [];
    const last = Math.max(...this.#arrivals.keys());
    const arrivalsMs = Array.from({ length: last - first + 1 }, (_, i) => this.#arrivals.get(first + i));
    this.#arrivals.clear();
    this.#next = last + 1;
    const packets = writeTransportFeedback(senderSsrc, mediaSsrc, {
      count: this.#count,
      base: first & 0xffff,
      arrivalsMs,
    });
    this.#count = (this.#count + packets.length) & 0xff;
    return packets;
  }
}
