/**
 * Decoded pictures of one slot until they are shown: as late as it takes for the next ones to be there in time, and, if somebody's
 * sound waits longer, as late as that. What comes too late for its turn is shown at once, or not at all when a newer one is due.
 */

export interface QueuedPicture<Picture> {
  readonly picture: Picture;
  readonly mediaMs: number;
}

export interface DuePictures<Picture> {
  /** The one to show now. */
  readonly show: QueuedPicture<Picture> | undefined;
  /** Such as are not shown any more. */
  readonly skipped: readonly QueuedPicture<Picture>[];
}

/** Decoders have few buffers, and stand still when all of them are held. What is beyond is shown before its turn. */
const MAX_WAITING = 12;
/** Sound is not waited for longer. */
const MOST_WAIT_MS = 400;
/** The delay moves by so much in a second, so that a change is seen as a slower or faster motion. */
const SLEW = 0.1;

export class VideoQueue<Picture> {
  #waiting: QueuedPicture<Picture>[] = [];
  /** Local time minus media time at which pictures are shown. */
  #offsetMs: number | undefined;
  #movedMs = 0;

  get length(): number {
    return this.#waiting.length;
  }

  /** Local minus media time of what is shown. */
  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  push(picture: Picture, mediaMs: number): void {
    this.#waiting.push({ picture, mediaMs });
  }

  /**
   * @param ownMs Local minus media time at which pictures are there in time.
   * @param soundMs The same of the sound that belongs to them; undefined when there is none.
   */
  steer(nowMs: number, ownMs: number, soundMs: number | undefined): void {
    const wishMs = Math.min(ownMs + MOST_WAIT_MS, Math.max(ownMs, soundMs ?? ownMs));
    const stepMs = SLEW * Math.max(0, nowMs - this.#movedMs);
    this.#movedMs = nowMs;
    const isFar = this.#offsetMs === undefined || Math.abs(wishMs - this.#offsetMs) > MOST_WAIT_MS;
    if (this.#offsetMs === undefined || isFar) this.#offsetMs = wishMs;
    else this.#offsetMs += Math.max(-stepMs, Math.min(stepMs, wishMs - this.#offsetMs));
  }

  due(nowMs: number): DuePictures<Picture> {
    const offsetMs = this.#offsetMs;
    if (offsetMs === undefined) return { show: undefined, skipped: [] };
    const first = this.#waiting.findIndex(({ mediaMs }) => mediaMs + offsetMs > nowMs);
    const count = first === -1 ? this.#waiting.length : first;
    const due = this.#waiting.splice(0, Math.max(count, this.#waiting.length - MAX_WAITING));
    return { show: due.at(-1), skipped: due.slice(0, -1) };
  }

  /** When there is something to be shown next; undefined when nothing waits. */
  get nextMs(): number | undefined {
    const [first] = this.#waiting;
    return first === undefined || this.#offsetMs === undefined ? undefined : first.mediaMs + this.#offsetMs;
  }

  clear(): readonly QueuedPicture<Picture>[] {
    return this.#waiting.splice(0);
  }
}
