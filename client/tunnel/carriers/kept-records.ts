/**
 * Records of control and signalling on their way to the tunnel, kept until it has received them: the next carrier goes on where the last one
 * broke off. Pure.
 */
import { MAX_WHOLE_TEXT_BYTES } from '../../../proto/tunnel.ts';

/** The longest text, and a little of what comes with it: as much as the tunnel keeps. */
export const MAX_KEPT_BYTES = MAX_WHOLE_TEXT_BYTES + 256 * 1024;

export class KeptRecords {
  /** Oldest first; the first one has number `#received + 1`. */
  readonly #kept: Uint8Array<ArrayBuffer>[] = [];
  #received = 0;
  #bytes = 0;

  get all(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#kept;
  }

  /** False when there are too many: the tunnel does not take them. */
  push(record: Uint8Array<ArrayBuffer>): boolean {
    if (this.#bytes + record.length > MAX_KEPT_BYTES) return false;
    this.#kept.push(record);
    this.#bytes += record.length;
    return true;
  }

  /** The tunnel has received all up to this number. False when that cannot be. */
  handleReceived(number: number): boolean {
    const count = number - this.#received;
    if (!(count >= 0 && count <= this.#kept.length)) return false;
    for (const record of this.#kept.splice(0, count)) this.#bytes -= record.length;
    this.#received = number;
    return true;
  }
}
