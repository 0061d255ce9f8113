/**
 * Packet numbers of one SSRC: 16 bits on the wire widened by the roll-over counter (RFC 3711 section 3.3.1), and which of the
 * latest were seen (section 3.3.2). For what is received against replays, for what is sent against sealing two packets under one nonce.
 */

/** Numbers behind the highest one that are still told apart. */
export const WINDOW_PACKETS = 1024;

export class PacketIndexes {
  #highest = -1;
  /** Bit `index % WINDOW_PACKETS`. */
  readonly #seen = new Uint32Array(WINDOW_PACKETS / 32);

  /** The index (roll-over counter * 65536 + number) that lies nearest to the highest; may be negative for what is older than the first. */
  widen(sequenceNumber: number): number {
    if (this.#highest < 0) return sequenceNumber;
    const delta = (sequenceNumber - this.#highest) & 0xffff;
    return this.#highest + (delta >= 0x8000 ? delta - 0x10000 : delta);
  }

  /** Whether it was neither taken before nor is too old to know. */
  isFresh(index: number): boolean {
    if (index > this.#highest) return true;
    if (index < 0 || index <= this.#highest - WINDOW_PACKETS) return false;
    const bit = index % WINDOW_PACKETS;
    return (((this.#seen[bit >>> 5] as number) >>> (bit & 31)) & 1) === 0;
  }

  /** Precondition: `isFresh`. */
  take(index: number): void {
    if (index > this.#highest) {
      const from = Math.max(this.#highest + 1, index - WINDOW_PACKETS + 1);
      for (let skipped = from; skipped < index; skipped++) this.#set(skipped, false);
      this.#highest = index;
    }
    this.#set(index, true);
  }

  #set(index: number, isSeen: boolean): void {
    const bit = index % WINDOW_PACKETS;
    const mask = 1 << (bit & 31);
    const word = this.#seen[bit >>> 5] as number;
    this.#seen[bit >>> 5] = isSeen ? word | mask : word & ~mask;
  }
}
