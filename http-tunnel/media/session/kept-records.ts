/**
 * Records of control and signalling on their way to the client: sent in order, and kept until he has received them, so that the next
 * carrier can go on where the last one broke off. Pure.
 */
import { MAX_WHOLE_TEXT_BYTES } from '../../../proto/tunnel.ts';
import { type OutgoingRecord, sizeOf } from './records.ts';

/** The longest text, and a little of what comes with it. */
export const MAX_KEPT_BYTES = MAX_WHOLE_TEXT_BYTES + 256 * 1024;
/** Small ones cost more than their bytes. */
export const MAX_KEPT_RECORDS = 4096;

export class KeptRecords {
  /** Oldest first; the first one has number `#received + 1`. */
  #kept: OutgoingRecord[] = [];
  #received = 0;
  /** Number of the last one that the present carrier was given. */
  #sent = 0;
  #bytes = 0;

  /** Of all that is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  get hasUnsent(): boolean {
    return this.#sent < this.#received + this.#kept.length;
  }

  /** False when there are too many: the client does not take them. */
  push(record: OutgoingRecord): boolean {
    if (this.#kept.length >= MAX_KEPT_RECORDS || this.#bytes + sizeOf(record) > MAX_KEPT_BYTES) return false;
    this.#kept.push(record);
    this.#bytes += sizeOf(record);
    return true;
  }

  /** The next one for the present carrier. */
  takeUnsent(): OutgoingRecord | undefined {
    const record = this.#kept[this.#sent - this.#received];
    if (record !== undefined) this.#sent++;
    return record;
  }

  /** The client has received all up to this number. False when that cannot be. */
  handleReceived(number: number): boolean {
    if (!Number.isInteger(number) || number < this.#received || number > this.#sent) return false;
    for (const record of this.#kept.splice(0, number - this.#received)) this.#bytes -= sizeOf(record);
    this.#received = number;
    return true;
  }

  /** A new carrier begins after what was received. False when that cannot be. */
  resume(received: number): boolean {
    // What a carrier before was given may have arrived, whatever was said of it.
    if (!this.handleReceived(received)) return false;
    this.#sent = received;
    return true;
  }
}
