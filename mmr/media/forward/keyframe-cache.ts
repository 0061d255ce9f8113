/**
 * The last key frame of an encoding and what followed, as references into the packet store, while that is little: most of
 * those who come late begin with it and cost the publisher nothing.
 */
import type { IncomingPacket } from './incoming-packet.ts';
import { FrameInfo } from './layers/frame-info.ts';

/** More than that is not replayed: whoever needs it asks the publisher, who does better. */
export const MAX_CACHED_PACKETS = 128;
export const MAX_CACHED_BYTES = 150_000;
/** About 1.5 s of a camera; of a screen, on which little happens, more. A receiver must decode them all at once. */
export const MAX_CACHED_PICTURES = 48;
/** Squeezed into one instant, more than that would show (see `SQUEEZE_SHIFT`). */
export const MAX_CACHED_US = 10_000_000;

export class CachedPacket {
  index = -1;
  storeSlot = 0;
  generation = 0;
  sizeBytes = 0;
  arrivalUs = 0;
  isEmpty = false;
  readonly frame = new FrameInfo();

  set(packet: IncomingPacket, isEmpty: boolean): void {
    this.index = packet.index;
    this.storeSlot = packet.storeSlot;
    this.generation = packet.generation;
    this.sizeBytes = packet.sizeBytes;
    this.arrivalUs = packet.arrivalUs;
    this.isEmpty = isEmpty;
    this.frame.copyFrom(packet.frame);
  }
}

export class KeyframeCache {
  /** The publisher's number of the first packet; −1 while there is nothing to replay. */
  firstIndex = -1;
  /** Of all since the key frame. */
  bytes = 0;
  pictures = 0;
  /** Of the packets so far: the newest one's distance from the first, plus one, and how many of them are there. */
  #span = 0;
  #packets = 0;
  #startUs = 0;
  /** Of the newest key frame's first packet, also when it has been given up. */
  #keyframeIndex = -1;
  /** Bytes of the last key frame's packets; undefined before the first whole one. */
  keyframeBytes: number | undefined;
  #keyframeTimestamp = -1;
  #keyframeSoFar = 0;
  /** By distance from the first. Filled as needed and kept. */
  readonly #entries: CachedPacket[] = [];

  /** A packet that came for the first time, `frame` filled. */
  handle(packet: IncomingPacket, isEmpty: boolean): void {
    const isKeyframe = packet.frame.isKeyframe && packet.index > this.#keyframeIndex;
    this.#measure(packet, isKeyframe);
    if (isKeyframe) this.#restart(packet);
    if (this.firstIndex < 0 || packet.index < this.firstIndex) return;
    const at = packet.index - this.firstIndex;
    this.bytes += packet.sizeBytes;
    if (packet.frame.startsPicture) this.pictures++;
    if (
      at >= MAX_CACHED_PACKETS ||
      this.bytes > MAX_CACHED_BYTES ||
      this.pictures > MAX_CACHED_PICTURES ||
      packet.arrivalUs - this.#startUs > MAX_CACHED_US
    ) {
      this.firstIndex = -1;
      return;
    }
    this.#entry(at).set(packet, isEmpty);
    this.#packets++;
    if (at >= this.#span) this.#span = at + 1;
  }

  /** That can be replayed; 0 unless everything since the key frame is there. */
  get packets(): number {
    return this.firstIndex >= 0 && this.#packets === this.#span ? this.#span : 0;
  }

  /** In the order of their numbers; `at` is below `packets`. */
  at(at: number): CachedPacket {
    return this.#entries[at] as CachedPacket;
  }

  /** What comes now does not build on what was there; its numbers may be others. */
  clear(): void {
    this.firstIndex = -1;
    this.#keyframeIndex = -1;
  }

  #restart(packet: IncomingPacket): void {
    // The key frame's first packet may come after others of it, which the cache then lacks: NACKs bring nothing again.
    this.firstIndex = packet.index;
    this.#keyframeIndex = packet.index;
    this.#span = 0;
    this.#packets = 0;
    this.bytes = 0;
    this.pictures = 0;
    this.#startUs = packet.arrivalUs;
  }

  /** What a key frame costs. */
  #measure(packet: IncomingPacket, isKeyframe: boolean): void {
    if (isKeyframe) {
      this.#keyframeTimestamp = packet.header.timestamp;
      this.#keyframeSoFar = 0;
    }
    if (this.#keyframeTimestamp < 0) return;
    if (packet.header.timestamp === this.#keyframeTimestamp) {
      this.#keyframeSoFar += packet.sizeBytes;
    } else {
      this.keyframeBytes = this.#keyframeSoFar;
      this.#keyframeTimestamp = -1;
    }
  }

  #entry(at: number): CachedPacket {
    for (let next = this.#entries.length; next <= at; next++) this.#entries.push(new CachedPacket());
    return this.#entries[at] as CachedPacket;
  }
}
