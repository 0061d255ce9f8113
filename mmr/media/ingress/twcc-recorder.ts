/**
 * Remembers when each transport-wide sequence number arrived until feedback about it goes out
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01). Bounded: a window of WINDOW numbers, whatever the peer sends.
 */
import { sequenceDelta } from '../rtp/serial.ts';

/** Numbers remembered. At 64 packets a feedback it spans a dozen of them; a wider jump, either way, is a restart. */
export const TWCC_WINDOW = 1024;

export class TwccRecorder {
  /** Arrivals that no feedback has told of yet. */
  pending = 0;
  /** When the first of them arrived. */
  pendingSinceUs = 0;
  /** Jumps beyond the window, after which the record began anew. */
  restarts = 0;
  /** Numbers that arrived twice. */
  ignored = 0;
  /** Sequence number (16 bits) of the first arrival that the last `take` returned. */
  base = 0;
  /** Arrival time by widened number modulo TWCC_WINDOW; NaN where nothing arrived. */
  readonly #arrivalUs = new Float64Array(TWCC_WINDOW).fill(Number.NaN);
  /** First number to report, widened. */
  #first = 0;
  /** Highest number that arrived, widened; −1 before the first. */
  #highest = -1;

  /** `sequenceNumber` 0–65535, from the header extension. Allocates nothing. */
  record(arrivalUs: number, sequenceNumber: number): void {
    // Starting in the second cycle keeps numbers that were overtaken at the start positive.
    if (this.#highest < 0) this.#restart(sequenceNumber + 0x10000);
    let wide = this.#highest + sequenceDelta(sequenceNumber, this.#highest & 0xffff);
    if (wide - this.#first >= TWCC_WINDOW || wide <= this.#highest - TWCC_WINDOW) {
      this.restarts++;
      wide = sequenceNumber + 0x10000;
      this.#restart(wide);
    }
    if (wide > this.#highest) {
      for (let between = this.#highest + 1; between < wide; between++) {
        this.#arrivalUs[between % TWCC_WINDOW] = Number.NaN;
      }
      this.#highest = wide;
    } else if (!Number.isNaN(this.#arrivalUs[wide % TWCC_WINDOW] as number)) {
      this.ignored++;
      return;
    }
    this.#arrivalUs[wide % TWCC_WINDOW] = arrivalUs;
    // Overtaken by the last feedback, which called it lost: the next one starts with it and corrects that.
    if (wide < this.#first) this.#first = wide;
    if (this.pending++ === 0) this.pendingSinceUs = arrivalUs;
  }

  /**
   * Writes the arrivals of the next `arrivalUs.length` numbers at most (NaN: lost), and returns how many; `base` is
   * then the first of them. 0 when nothing is pending. What was returned counts as reported.
   */
  take(arrivalUs: Float64Array): number {
    if (this.pending === 0) return 0;
    const count = Math.min(arrivalUs.length, this.#highest - this.#first + 1);
    for (let i = 0; i < count; i++) arrivalUs[i] = this.#arrivalUs[(this.#first + i) % TWCC_WINDOW] as number;
    this.base = this.#first & 0xffff;
    this.#first += count;
    if (this.#first > this.#highest) this.pending = 0;
    return count;
  }

  #restart(wide: number): void {
    this.#arrivalUs.fill(Number.NaN);
    this.#first = wide;
    this.#highest = wide - 1;
    this.pending = 0;
  }
}
