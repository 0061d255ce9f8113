/**
 * Whether a carrier should be given more, by either end of it. Bytes that it has not taken to the kernel count, and bytes that the other end has not
 * acknowledged: the kernel's buffer and those of the network's routers may hold seconds of media, which nobody could drop any more. Pure: time is an argument.
 */

/** In our process: enough for what one round of the event loop brings. */
export const MAX_UNSENT_BYTES = 64 * 1024;
/**
 * What is not acknowledged may be older than the quickest acknowledgement of late by this, for pictures to be added: TCP repairs a loss in a
 * round trip or two, and that must not stop them.
 */
export const VIDEO_STANDING_MS = 250;
/** And for all else. */
export const MAX_STANDING_MS = 400;
/** An acknowledgement that comes so much later than the quickest speaks of a repaired loss, or of a queue. */
export const LATE_MS = 100;
/** A way is even when none was late for so long. */
export const EVEN_AFTER_MS = 10_000;
/** So little always goes: about an audio packet for each of a few speakers. */
const FLOOR_BYTES = 4 * 1024;
/** Sends closer to each other share a mark. */
const MARK_MS = 20;
/** 10 s of marks; further ones are put together with the last. */
const MAX_MARKS = 512;
/** The quickest acknowledgement of this time and the one before: ways change. */
const PERIOD_MS = 10_000;

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
  #quickestBeforeMs = Number.POSITIVE_INFINITY;
  #periodStartMs: number | undefined;
  #lateMs = Number.NEGATIVE_INFINITY;
  /** Oldest first: what is not acknowledged. */
  #marks: Mark[] = [];

  /** Given to the carrier, in all. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  get acknowledgedBytes(): number {
    return this.#acknowledgedBytes;
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
    const [first, last] = [arrived[0], arrived.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#noteQuickest(nowMs, nowMs - last.sentMs);
    if (nowMs - first.sentMs >= this.#leastMs + LATE_MS) this.#lateMs = nowMs;
    this.#marks = this.#marks.slice(arrived.length);
  }

  /**
   * Whether sound, reports and texts may be given to it; pictures have to leave earlier. `unsentBytes`: given to the carrier and not yet taken by the
   * kernel.
   */
  isOpen(nowMs: number, unsentBytes: number, standingMs = MAX_STANDING_MS): boolean {
    if (unsentBytes >= MAX_UNSENT_BYTES) return false;
    const [oldest] = this.#marks;
    // The other end may never say what has arrived: then there is only the kernel to be slow by.
    if (oldest === undefined || !this.#hasAcknowledged || this.unacknowledgedBytes < FLOOR_BYTES) return true;
    return nowMs - oldest.sentMs < this.#leastMs + standingMs;
  }

  isOpenForVideo(nowMs: number, unsentBytes: number): boolean {
    return this.isOpen(nowMs, unsentBytes, VIDEO_STANDING_MS);
  }

  /** Nothing was late of late. */
  isEven(nowMs: number): boolean {
    return nowMs - this.#lateMs >= EVEN_AFTER_MS;
  }

  /** The quickest acknowledgement of late. */
  get #leastMs(): number {
    return Math.min(MAX_STANDING_MS, this.#quickestMs, this.#quickestBeforeMs);
  }

  #noteQuickest(nowMs: number, delayMs: number): void {
    this.#periodStartMs ??= nowMs;
    if (nowMs - this.#periodStartMs >= PERIOD_MS) {
      this.#periodStartMs = nowMs;
      this.#quickestBeforeMs = this.#quickestMs;
      this.#quickestMs = delayMs;
    }
    this.#quickestMs = Math.min(this.#quickestMs, delayMs);
  }
}
