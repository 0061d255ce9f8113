/**
 * Writes packets to a stream whose reader may be slow: what the stream does not take waits in a bounded queue, from which media
 * that is late is dropped. The stream's own buffer stays as short as its high-water mark says.
 */
import type { Duplex } from 'node:stream';
import { SendQueue } from './send-queue.ts';

export interface WriterLimits {
  /** What waits for one reader at most. */
  readonly queueBytes: number;
  /** Media that has waited longer is dropped. */
  readonly queueDeadlineMs: number;
}

export interface WriterOwner {
  nowMs(): number;
  /** Answers alone fill the queue: nobody reads there. Never called from within `send`. */
  handleStalled(): void;
}

export class QueuedWriter {
  readonly queue: SendQueue;
  readonly #duplex: Duplex;
  readonly #owner: WriterOwner;
  #flush: NodeJS.Immediate | undefined;
  /** Since when the stream has taken nothing. */
  #fullSinceMs: number | undefined;
  #isStalled = false;
  #isClosed = false;

  constructor(duplex: Duplex, { queueBytes, queueDeadlineMs }: WriterLimits, owner: WriterOwner) {
    this.#duplex = duplex;
    this.#owner = owner;
    this.queue = new SendQueue(queueBytes, queueDeadlineMs);
    duplex.on('drain', () => {
      this.#fullSinceMs = undefined;
      this.#write();
    });
  }

  /** `bytes` must not be changed afterwards. `isData`: may be dropped. */
  send(bytes: Uint8Array, isData: boolean): void {
    if (this.#isClosed || this.#isStalled) return;
    this.#isStalled = !this.queue.push(this.#owner.nowMs(), bytes, isData);
    // All that comes in this turn of the event loop goes out in one write; and nobody is called back from here.
    if (this.#isStalled || this.#fullSinceMs === undefined) this.#flush ??= setImmediate(() => this.#write());
  }

  /** For how long the reader has read nothing at all while something waits. */
  stalledMs(nowMs: number): number {
    return nowMs - (this.#fullSinceMs ?? nowMs);
  }

  /** Nothing is written from here on; the stream itself is the owner's. */
  close(): void {
    this.#isClosed = true;
    clearImmediate(this.#flush);
  }

  #write(): void {
    this.#flush = undefined;
    if (this.#isClosed) return;
    if (this.#isStalled) {
      this.#owner.handleStalled();
      return;
    }
    const nowMs = this.#owner.nowMs();
    this.#duplex.cork();
    while (this.#fullSinceMs === undefined) {
      const bytes = this.queue.next(nowMs);
      if (bytes === undefined) break;
      if (!this.#duplex.write(bytes)) this.#fullSinceMs = nowMs;
    }
    this.#duplex.uncork();
  }
}
