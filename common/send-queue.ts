/**
 * What waits for a client who reads slowly. Media that is late is worth nothing: what has waited beyond the deadline is
 * dropped, and when the queue is full, the oldest media. Answers are never dropped. Pure.
 */
interface Item {
  readonly bytes: Uint8Array;
  readonly isData: boolean;
  readonly queuedMs: number;
}

/** What an item costs beside its bytes, so that many small ones are bounded, too. */
const ITEM_OVERHEAD_BYTES = 64;

export class SendQueue {
  readonly #maxBytes: number;
  readonly #deadlineMs: number;
  readonly #items: Item[] = [];
  #sizeBytes = 0;
  /** Dropped because the queue was full, and because they were late. */
  readonly dropped = { full: 0, late: 0 };

  constructor(maxBytes: number, deadlineMs: number) {
    this.#maxBytes = maxBytes;
    this.#deadlineMs = deadlineMs;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** With an overhead for each item; never above the maximum after a `push` that returned true. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** False when answers alone fill the queue: nobody reads there. */
  push(nowMs: number, bytes: Uint8Array, isData: boolean): boolean {
    this.#dropLate(nowMs);
    this.#items.push({ bytes, isData, queuedMs: nowMs });
    this.#sizeBytes += bytes.length + ITEM_OVERHEAD_BYTES;
    while (this.#sizeBytes > this.#maxBytes) {
      const oldest = this.#items.findIndex((item) => item.isData);
      if (oldest < 0) return false;
      this.#take(oldest);
      this.dropped.full++;
    }
    return true;
  }

  /** The next that is to be sent. */
  next(nowMs: number): Uint8Array | undefined {
    this.#dropLate(nowMs);
    return this.#items.length === 0 ? undefined : this.#take(0).bytes;
  }

  /** At the head: what is behind an answer is looked at when that has gone. */
  #dropLate(nowMs: number): void {
    for (let head = this.#items[0]; head !== undefined; head = this.#items[0]) {
      if (!head.isData || nowMs - head.queuedMs <= this.#deadlineMs) return;
      this.#take(0);
      this.dropped.late++;
    }
  }

  #take(index: number): Item {
    const [item] = this.#items.splice(index, 1) as [Item];
    this.#sizeBytes -= item.bytes.length + ITEM_OVERHEAD_BYTES;
    return item;
  }
}
