/** First in, first out, with its size in bytes. */
import type { WaitingPacket } from './waiting-packet.ts';

/** Taken places at the front are given back once there are so many. */
const SLACK = 256;

export class Fifo {
  #items: WaitingPacket[] = [];
  #start = 0;
  bytes = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  get first(): WaitingPacket | undefined {
    return this.#items[this.#start];
  }

  push(packet: WaitingPacket): void {
    this.#items.push(packet);
    this.bytes += packet.bytes.length;
  }

  shift(): WaitingPacket | undefined {
    const packet = this.#items[this.#start];
    if (packet === undefined) return undefined;
    this.#start++;
    this.bytes -= packet.bytes.length;
    if (this.#start === this.#items.length || this.#start >= SLACK) {
      this.#items.splice(0, this.#start);
      this.#start = 0;
    }
    return packet;
  }

  /** Keeps what `keeps` says, in order. */
  filter(keeps: (packet: WaitingPacket) => boolean): void {
    this.#items = this.#items.slice(this.#start).filter((packet) => {
      const isKept = keeps(packet);
      if (!isKept) this.bytes -= packet.bytes.length;
      return isKept;
    });
    this.#start = 0;
  }
}
