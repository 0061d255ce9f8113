/**
 * Packets of pictures wait here while enough of them stands in the carrier, so that sound, which does not wait, is not stuck behind a whole
 * key frame. What has been encoded is never dropped: who fills this asks `waitMs` before he encodes more.
 */

/** So much may stand in the carrier at any rate: a few packets. */
const LEAST_BYTES = 6_000;
/** Otherwise what leaves in this time. */
const AHEAD_MS = 50;

export class PictureQueue<Packet> {
  #waiting: { readonly packet: Packet; readonly sinceMs: number }[] = [];
  readonly #release: (packet: Packet) => void;
  /** Bytes that stand in the carrier now. */
  readonly #queuedBytes: () => number;

  constructor(release: (packet: Packet) => void, queuedBytes: () => number) {
    this.#release = release;
    this.#queuedBytes = queuedBytes;
  }

  /** How long the next one to leave has waited. */
  waitMs(nowMs: number): number {
    return nowMs - (this.#waiting[0]?.sinceMs ?? nowMs);
  }

  push(nowMs: number, packet: Packet, bitrateBps: number): void {
    this.#waiting.push({ packet, sinceMs: nowMs });
    this.poll(bitrateBps);
  }

  /** Lets leave what has room. To be called whenever time has passed. */
  poll(bitrateBps: number): void {
    const room = Math.max(LEAST_BYTES, (bitrateBps * AHEAD_MS) / 8_000);
    while (this.#waiting.length > 0 && this.#queuedBytes() < room) {
      const first = this.#waiting.shift();
      if (first !== undefined) this.#release(first.packet);
    }
  }
}
