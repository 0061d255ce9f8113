/**
 * Whether a carrier should be given more. Bytes that it has not taken to the kernel count, and bytes that the client has not acknowledged:
 * the kernel's buffer and those of the network's routers may hold seconds of media, which nobody could drop any more.
 */

/** In our process: enough for what one round of the event loop brings. */
export const MAX_UNSENT_BYTES = 64 * 1024;
/** What is not acknowledged may be older than the quickest acknowledgement so far by this. */
export const MAX_STANDING_MS = 400;
/** So little always goes: about an audio packet for each of a few speakers. */
const FLOOR_BYTES = 4 * 1024;
/** Sends closer to each other share a mark. */
const MARK_MS = 20;
/** 10 s of marks; further ones are put together with the last. */
const MAX_MARKS = 512;

interface Mark {
  /** Of the carrier's bytes. */
  end: number;
  readonly sentMs: number;
}

export class SendWindow {
  #sentBytes = 0;
  #acknowledgedBytes = 0;
  #hasAcknowledged = false;
  #quickestMs = Number.POSITIVE_INFINITY;
  /** Oldest first: what is not acknowledged. */
  #marks: Mark[] = [];

  /** Given to the carrier, in all. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  get unacknowledgedBytes(): number {
    return this.#sentBytes - this.#acknowledgedBytes;
  }

  handleSent(nowMs: number, bytes: number): void {
    this.#sentBytes += bytes;
    const last = this.#marks.at(-1);
    if (last !== undefined && (nowMs - last.sentMs < MARK_MS || this.#marks.length >= MAX_MARKS)) {
      last.end = this.#sentBytes;
    } else this.#marks.push({ end: this.#sentBytes, sentMs: nowMs });
  }

  /** `bytes` of the carrier have arrived, in all. Less than before, or more than were sent, changes nothing. */
  handleAcknowledged(nowMs: number, bytes: number): void {
    if (bytes < this.#acknowledgedBytes || bytes > this.#sentBytes) return;
    this.#hasAcknowledged = true;
    this.#acknowledgedBytes = bytes;
    const arrived = this.#marks.filter(({ end }) => end <= bytes);
    const last = arrived.at(-1);
    if (last === undefined) return;
    this.#quickestMs = Math.min(this.#quickestMs, nowMs - last.sentMs);
    this.#marks = this.#marks.slice(arrived.length);
  }

  /** `unsentBytes`: given to the carrier and not yet taken by the kernel. */
  isOpen(nowMs: number, unsentBytes: number): boolean {
    if (unsentBytes >= MAX_UNSENT_BYTES) return false;
    const [oldest] = this.#marks;
    // A client that never says what has arrived has only the kernel to be slow by.
    if (oldest === undefined || !this.#hasAcknowledged || this.unacknowledgedBytes < FLOOR_BYTES) return true;
    const quickestMs = this.#quickestMs === Number.POSITIVE_INFINITY ? MAX_STANDING_MS : this.#quickestMs;
    return nowMs - oldest.sentMs < quickestMs + MAX_STANDING_MS;
  }
}
