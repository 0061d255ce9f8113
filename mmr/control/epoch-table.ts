/**
 * The highest placement epoch that this router has seen of each meeting. A command with a lower one comes from a
 * controller that does not know that the meeting was placed anew, and is refused.
 */
import type { MeetingId } from '../../common/ids.ts';

/** Epochs outlive their meetings here, so the table has a maximum; at it the one unused for longest goes. */
const DEFAULT_CAPACITY = 65_536;

export class EpochTable {
  /** In order of last use. */
  readonly #epochs = new Map<MeetingId, number>();
  readonly #capacity: number;
  /** Epochs forgotten at the maximum. */
  evictions = 0;

  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Remembers `epoch` and returns undefined, or returns the higher one that was seen before. */
  check(meeting: MeetingId, epoch: number): number | undefined {
    const seen = this.#epochs.get(meeting);
    if (seen !== undefined && epoch < seen) return seen;
    this.#epochs.delete(meeting);
    if (this.#epochs.size >= this.#capacity) {
      const oldest = this.#epochs.keys().next();
      if (!oldest.done) this.#epochs.delete(oldest.value);
      this.evictions++;
    }
    this.#epochs.set(meeting, epoch);
    return undefined;
  }
}
