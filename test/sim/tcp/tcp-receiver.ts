/** The receiving half of a TCP end: what arrives in which order, and when that is acknowledged. Pure. */
import { addRange, type Range } from './ranges.ts';
import { SEGMENT_BYTES } from './tcp-segment.ts';

/** As Linux: less than a full segment waits so long for company, or for data of ours to go with. */
const DELAYED_ACK_US = 40_000;
/** At first, each segment is acknowledged at once: the sender is in slow start. */
const QUICK_ACKS = 16;

export class TcpReceiver {
  /** All before this has arrived. */
  next = 0;
  /** Of what has arrived beyond a hole. */
  ranges: readonly Range[] = [];
  /** When an acknowledgement is due; Infinity: none is. */
  ackDueUs = Number.POSITIVE_INFINITY;
  #unacknowledged = 0;
  #quick = QUICK_ACKS;

  handleData(nowUs: number, { start, end }: Range): void {
    const isInOrder = start <= this.next && this.ranges.length === 0;
    const isNews = end > this.next;
    if (isNews) {
      this.ranges = addRange(this.ranges, { start: Math.max(start, this.next), end });
      const [first] = this.ranges;
      if (first !== undefined && first.start <= this.next) {
        this.next = first.end;
        this.ranges = this.ranges.slice(1);
      }
    }
    this.#unacknowledged += end - start;
    // Holes, and what closes them, are told at once (RFC 5681 section 4.2).
    if (!isInOrder || !isNews || this.#quick-- > 0 || this.#unacknowledged > SEGMENT_BYTES) this.ackDueUs = nowUs;
    else this.ackDueUs = Math.min(this.ackDueUs, nowUs + DELAYED_ACK_US);
  }

  /** An acknowledgement has left, alone or with data. */
  handleAcknowledged(): void {
    this.ackDueUs = Number.POSITIVE_INFINITY;
    this.#unacknowledged = 0;
  }
}
