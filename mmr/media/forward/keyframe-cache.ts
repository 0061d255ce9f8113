/**
 * The last key frame of an encoding and what followed, as references into the packet store, while that is little: most of
 * those who come late begin with it and cost the publisher nothing.
 */
import type { IncomingPacket } from './incoming-packet.ts';
import { FrameInfo } from './layers/frame-info.ts';

/** A power of two. More than that is not replayed: whoever needs it asks the publisher, who does better. */
export const MAX_CACHED_PACKETS = 128;
const RING_MASK = MAX_CACHED_PACKETS - 1;
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
  /** How many packets since the key frame are there. */
  #packets = 0;
  #startUs = 0;
  #highestIndex = -1;
  /** Of the newest key frame's first packet, also when it has been given up. */
  #keyframeIndex = -1;
  /** Bytes of the last key frame's packets; undefined before the first whole one. */
  keyframeBytes: number | undefined;
  #keyframeTimestamp = -1;
  #keyframeSoFar = 0;
  /** The newest packets, by number: the first of a key frame may come after others of it. Filled as needed and kept. */
  readonly #ring: CachedPacket[] = [];

  /** A packet that came for the first time, `frame` filled. */
  handle(packet: IncomingPacket, isEmpty: boolean): void {
    const { index } = packet;
    const isKeyframe = packet.frame.isKeyframe && index > this.#keyframeIndex;
    this.#measure(packet, isKeyframe);
    if (index <= this.#highestIndex - MAX_CACHED_PACKETS) return;
    if (index > this.#highestIndex) this.#highestIndex = index;
    const entry = this.#entry(index);
    entry.set(packet, isEmpty);
    if (isKeyframe) this.#restart(packet);
    else if (this.firstIndex >= 0 && index >= this.firstIndex) this.#count(entry);
  }

  /** That can be replayed; 0 unless everything since the key frame is there. */
  get packets(): number {
    if (this.firstIndex < 0 || this.#packets <= this.#highestIndex - this.firstIndex) return 0;
    return this.#packets;
  }

  /** In the order of their numbers; `at` is below `packets`. */
  at(at: number): CachedPacket {
    return this.#ring[(this.firstIndex + at) & RING_MASK] as CachedPacket;
  }

  /** What comes now does not build on what was there; its numbers may be others. */
  clear(): void {
    this.firstIndex = -1;
    this.#keyframeIndex = -1;
    this.#highestIndex = -1;
    for (const entry of this.#ring) entry.index = -1;
  }

  #restart({ index: firstIndex, arrivalUs }: IncomingPacket): void {
    this.firstIndex = firstIndex;
    this.#keyframeIndex = firstIndex;
    this.#packets = 0;
    this.bytes = 0;
    this.pictures = 0;
    this.#startUs = arrivalUs;
    for (let index = firstIndex; index <= this.#highestIndex && this.firstIndex >= 0; index++) {
      const entry = this.#entry(index);
      if (entry.index === index) this.#count(entry);
    }
  }

  #count({ index, sizeBytes, arrivalUs, frame }: CachedPacket): void {
    this.#packets++;
    this.bytes += sizeBytes;
    if (frame.startsPicture) this.pictures++;
    if (
      index - this.firstIndex >= MAX_CACHED_PACKETS ||
      this.bytes > MAX_CACHED_BYTES ||
      this.pictures > MAX_CACHED_PICTURES ||
      arrivalUs - this.#startUs > MAX_CACHED_US
    ) {
      this.firstIndex = -1;
    }
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

  #entry(index: number): CachedPacket {
    const at = index & RING_MASK;
    for (let next = this.#ring.length; next <= at; next++) this.#ring.push(new CachedPacket());
    return this.#ring[at] as CachedPacket;
  }
}
