/**
 * Puts packets in order. A carrier keeps order, the datagrams between router and tunnel may not: a hole is waited for a
 * moment, then it is a loss. Bounded by the number of packets that wait.
 */

/** Beyond these a hole is a loss. */
const PATIENCE_MS = 40;
const PATIENCE_PACKETS = 32;
/** A wider hole is a new beginning of the stream. */
const RESTART = 3000;

export interface Ordered<Packet> {
  readonly packet: Packet;
  /** Packets are missing before this one. */
  readonly isAfterGap: boolean;
}

export class PacketOrder<Packet> {
  /** Packets given up, and such that came too late or twice. */
  lost = 0;
  late = 0;
  readonly #waiting = new Map<number, Packet>();
  #next: number | undefined;
  #sinceMs = 0;

  /** @param sequence On a line without end. @returns what is in order by now, with this one or without */
  push(nowMs: number, sequence: number, packet: Packet): Ordered<Packet>[] {
    this.#next ??= sequence;
    if (sequence < this.#next - RESTART || sequence > this.#next + RESTART) {
      this.#waiting.clear();
      this.#next = sequence + 1;
      return [{ packet, isAfterGap: true }];
    }
    if (sequence < this.#next || this.#waiting.has(sequence)) {
      this.late++;
      return [];
    }
    if (this.#waiting.size === 0) this.#sinceMs = nowMs;
    this.#waiting.set(sequence, packet);
    return sequence === this.#next ? this.#release(nowMs, false) : this.poll(nowMs);
  }

  /** To be called now and then: what a hole has held back for too long. */
  poll(nowMs: number): Ordered<Packet>[] {
    if (this.#next === undefined || this.#waiting.size === 0) return [];
    if (nowMs - this.#sinceMs < PATIENCE_MS && this.#waiting.size < PATIENCE_PACKETS) return [];
    const first = Math.min(...this.#waiting.keys());
    this.lost += first - this.#next;
    this.#next = first;
    return this.#release(nowMs, true);
  }

  #release(nowMs: number, isAfterGap: boolean): Ordered<Packet>[] {
    const released: Ordered<Packet>[] = [];
    for (;;) {
      const packet = this.#next === undefined ? undefined : this.#waiting.get(this.#next);
      if (packet === undefined || this.#next === undefined) break;
      this.#waiting.delete(this.#next++);
      released.push({ packet, isAfterGap: isAfterGap && released.length === 0 });
    }
    this.#sinceMs = nowMs;
    return released;
  }
}
