/** One video stream through a queue: after something of it was dropped, nothing of it goes on before the next key frame. */
import type { WaitingPacket } from './waiting-packet.ts';

/** The router is asked at most once in so long, as it asks publishers. */
export const KEY_FRAME_REQUEST_INTERVAL_MS = 1_000;
/** One second of 90 kHz: what is so much newer than the key frame shows that nothing older is under way any more. */
const SETTLED_TICKS = 90_000;

export class VideoStream {
  isBroken = false;
  /** Of the key frame that it went on with, until stragglers of older frames are out of question. */
  #since: number | undefined;
  #requestedMs = Number.NEGATIVE_INFINITY;

  /** Whether `packet`, the next one, may go on. */
  admits(packet: WaitingPacket): boolean {
    if (this.isBroken) {
      if (!packet.startsKeyFrame) return false;
      this.isBroken = false;
      this.#since = packet.timestamp;
      return true;
    }
    if (this.#since === undefined) return true;
    const ticks = (packet.timestamp - this.#since) | 0;
    if (ticks > SETTLED_TICKS) this.#since = undefined;
    return ticks >= 0;
  }

  /** Whether a key frame is to be asked for, now that one could be sent on. */
  takeRequest(nowMs: number): boolean {
    if (!this.isBroken || nowMs - this.#requestedMs < KEY_FRAME_REQUEST_INTERVAL_MS) return false;
    this.#requestedMs = nowMs;
    return true;
  }
}
