/**
 * Packets of pictures wait here while enough is under way to the tunnel, so that sound, which does not wait, is not stuck behind a whole
 * key frame. What has been encoded is never dropped: who fills this asks `waitMs` before he encodes more.
 */

export class PictureQueue<Packet> {
  #waiting: { readonly packet: Packet; readonly sinceMs: number }[] = [];
  readonly #release: (packet: Packet) => void;
  /** Whether one more may be given to the carrier now. */
  readonly #hasRoom: () => boolean;

  constructor(release: (packet: Packet) => void, hasRoom: () => boolean) {
    this.#release = release;
    this.#hasRoom = hasRoom;
  }

  /** How long the next one to leave has waited. */
  waitMs(nowMs: number): number {
    return nowMs - (this.#waiting[0]?.sinceMs ?? nowMs);
  }

  push(nowMs: number, packet: Packet): void {
    this.#waiting.push({ packet, sinceMs: nowMs });
    this.poll();
  }

  /** Lets leave what has room. To be called whenever time has passed. */
  poll(): void {
    while (this.#waiting.length > 0 && this.#hasRoom()) {
      const first = this.#waiting.shift();
      if (first !== undefined) this.#release(first.packet);
    }
  }
}
