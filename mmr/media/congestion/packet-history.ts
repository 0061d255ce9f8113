/**
 * What was sent under which transport-wide number, until feedback has told how it fared. An entry is 16 bytes in one
 * piece, so that noting a packet touches one cache line; the ring starts small and doubles while more is under way, so
 * a subscriber of a thumbnail pays for a thumbnail.
 */
import { sequenceDelta } from '../rtp/serial.ts';

/** Entries at first: 256 bytes, enough for a thumbnail. 1 Mb/s of full packets have 64 at 100 ms of round trip and feedback each 100 ms. */
const FIRST_CAPACITY = 16;
/** 64 KB: 2 s of 1200-byte packets at 20 Mb/s. Beyond it the oldest are forgotten, as if feedback was lost. */
export const MAX_HISTORY = 4096;
/** Feedback about a packet this old was lost: it need not be kept (libwebrtc keeps 60 s, in unbounded memory). */
const MAX_AGE_US = 5_000_000;
/** An entry in doubles: the time it was sent; and in 32-bit words: time (2 words), size and status, probe cluster. */
const DOUBLES = 2;
const WORDS = 4;
const SIZE_AND_STATUS = 2;
const CLUSTER = 3;
const SIZE_MASK = 0xffff;
const STATUS_SHIFT = 16;

/** What feedback has said of a packet so far. */
export const PacketStatus = { unreported: 0, missing: 1, received: 2 } as const;

export class PacketHistory {
  /** Highest number sent, widened; −1 before the first. Starts in the second cycle so that none is negative. */
  highest = -1;
  /** The lowest number whose fate is open: entries below may be reused. Moved up by who judges the packets. */
  settled = 0;
  #times = new Float64Array(FIRST_CAPACITY * DOUBLES);
  #words = new Int32Array(this.#times.buffer);
  #mask = FIRST_CAPACITY - 1;

  /** Hot. `sequenceNumber` 0–65535, `sizeBytes` 1–65535, `probeCluster` −1 (none) or more. */
  record(nowUs: number, sequenceNumber: number, sizeBytes: number, probeCluster: number): void {
    const wide = this.#advance(sequenceNumber);
    if (wide < 0) return;
    if (wide - this.settled > this.#mask) this.#makeRoom(nowUs, wide);
    const index = wide & this.#mask;
    this.#times[index * DOUBLES] = nowUs;
    this.#words[index * WORDS + SIZE_AND_STATUS] = sizeBytes & SIZE_MASK;
    this.#words[index * WORDS + CLUSTER] = probeCluster;
  }

  /** The widened number that `sequenceNumber` of feedback stands for: the one nearest to the highest sent. */
  widen(sequenceNumber: number): number {
    return this.highest + sequenceDelta(sequenceNumber, this.highest & 0xffff);
  }

  /** The oldest number that may still be known. */
  get first(): number {
    return this.highest - this.#mask;
  }

  /** Whether `wide` was sent and is still known. The questions below may be asked of such only. */
  has(wide: number): boolean {
    return wide >= this.first && wide <= this.highest && this.sizeBytes(wide) > 0;
  }

  sentUs(wide: number): number {
    return this.#times[(wide & this.#mask) * DOUBLES] as number;
  }

  /** 0 for a number that was skipped. */
  sizeBytes(wide: number): number {
    return (this.#words[(wide & this.#mask) * WORDS + SIZE_AND_STATUS] as number) & SIZE_MASK;
  }

  status(wide: number): number {
    return (this.#words[(wide & this.#mask) * WORDS + SIZE_AND_STATUS] as number) >>> STATUS_SHIFT;
  }

  setStatus(wide: number, status: number): void {
    const at = (wide & this.#mask) * WORDS + SIZE_AND_STATUS;
    this.#words[at] = ((this.#words[at] as number) & SIZE_MASK) | (status << STATUS_SHIFT);
  }

  probeCluster(wide: number): number {
    return this.#words[(wide & this.#mask) * WORDS + CLUSTER] as number;
  }

  /** Entries that there is room for; 16 bytes each. */
  get capacity(): number {
    return this.#mask + 1;
  }

  /** The widened number of the next packet, with numbers skipped on the way emptied; −1 for one that was used before. */
  #advance(sequenceNumber: number): number {
    if (this.highest < 0) {
      this.highest = 0x10000 + sequenceNumber;
      this.settled = this.highest;
      return this.highest;
    }
    const wide = this.widen(sequenceNumber);
    if (wide === this.highest + 1) {
      this.highest = wide;
      return wide;
    }
    if (wide <= this.highest) return -1;
    const firstSkipped = Math.max(this.highest + 1, wide - this.#mask);
    if (this.settled < firstSkipped - this.#mask) this.settled = wide - this.#mask;
    for (let skipped = firstSkipped; skipped < wide; skipped++) {
      this.#words[(skipped & this.#mask) * WORDS + SIZE_AND_STATUS] = 0;
    }
    this.highest = wide;
    return wide;
  }

  /** Makes the entry of `wide` free, which is one beyond the end: forgets the old, grows, or forgets the oldest. */
  #makeRoom(nowUs: number, wide: number): void {
    const capacity = this.capacity;
    this.settled = Math.max(this.settled, wide - capacity);
    while (this.settled < wide && nowUs - this.sentUs(this.settled) > MAX_AGE_US) this.settled++;
    if (wide - this.settled < capacity) return;
    if (capacity === MAX_HISTORY) {
      this.settled = wide - capacity + 1;
      return;
    }
    const times = new Float64Array(capacity * 2 * DOUBLES);
    const mask = capacity * 2 - 1;
    for (let known = this.settled; known < wide; known++) {
      const from = (known & this.#mask) * DOUBLES;
      times.set(this.#times.subarray(from, from + DOUBLES), (known & mask) * DOUBLES);
    }
    this.#times = times;
    this.#words = new Int32Array(times.buffer);
    this.#mask = mask;
  }
}
