/** Counts what arrives in one slot, as a decoder would see it: one stream, whatever source feeds it. */

export interface SlotCounters {
  readonly mid: string;
  readonly packets: number;
  readonly bytes: number;
  /** Sequence numbers skipped between packets that arrived, less those that came late. */
  readonly missing: number;
  /** Packets older than the newest one. */
  readonly late: number;
  /** Packets whose sequence number was the newest one again. */
  readonly duplicates: number;
  /** Timestamps that went back while the sequence number went on. */
  readonly timestampRegressions: number;
  /** Starts of VP8 key frames. */
  readonly keyframes: number;
  /** Distinct SSRCs; a slot must show 1. */
  readonly ssrcs: readonly number[];
  /** CSRC of the newest packet: the source that it came from; undefined when it has none. */
  readonly csrc: number | undefined;
  readonly malformed: number;
  /** Milliseconds between the two packets that were farthest apart. */
  readonly longestGapMs: number;
}

/** Signed distance b − a of two 16-bit or 32-bit serial numbers (RFC 1982). */
function distance16(a: number, b: number): number {
  return ((b - a) << 16) >> 16;
}
function distance32(a: number, b: number): number {
  return (b - a) | 0;
}

export class SlotReceiver {
  readonly mid: string;
  readonly #isVp8: (payloadType: number) => boolean;
  readonly #ssrcs = new Set<number>();
  #packets = 0;
  #bytes = 0;
  #missing = 0;
  #late = 0;
  #duplicates = 0;
  #timestampRegressions = 0;
  #keyframes = 0;
  #malformed = 0;
  #longestGapMs = 0;
  #csrc: number | undefined;
  #newest: { sequenceNumber: number; timestamp: number; atMs: number } | undefined;

  constructor(mid: string, isVp8: (payloadType: number) => boolean) {
    this.mid = mid;
    this.#isVp8 = isVp8;
  }

  handleRtp(nowMs: number, packet: Buffer): void {
    if (packet.length < 12 || packet[0] === undefined || packet[0] >> 6 !== 2) {
      this.#malformed++;
      return;
    }
    this.#packets++;
    this.#bytes += packet.length;
    this.#ssrcs.add(packet.readUInt32BE(8));
    const csrcCount = packet[0] & 0x0f;
    this.#csrc = csrcCount > 0 && packet.length >= 16 ? packet.readUInt32BE(12) : undefined;
    this.#order(nowMs, packet.readUInt16BE(2), packet.readUInt32BE(4));
    const payloadType = packet.readUInt8(1) & 0x7f;
    if (this.#isVp8(payloadType) && startsVp8Keyframe(packet, payloadOffset(packet))) this.#keyframes++;
  }

  counters(): SlotCounters {
    return {
      mid: this.mid,
      packets: this.#packets,
      bytes: this.#bytes,
      missing: this.#missing,
      late: this.#late,
      duplicates: this.#duplicates,
      timestampRegressions: this.#timestampRegressions,
      keyframes: this.#keyframes,
      ssrcs: [...this.#ssrcs],
      csrc: this.#csrc,
      malformed: this.#malformed,
      longestGapMs: this.#longestGapMs,
    };
  }

  #order(nowMs: number, sequenceNumber: number, timestamp: number): void {
    const newest = this.#newest;
    if (newest === undefined) {
      this.#newest = { sequenceNumber, timestamp, atMs: nowMs };
      return;
    }
    const ahead = distance16(newest.sequenceNumber, sequenceNumber);
    if (ahead === 0) {
      this.#duplicates++;
    } else if (ahead < 0) {
      this.#late++;
      this.#missing = Math.max(0, this.#missing - 1);
    } else {
      this.#missing += ahead - 1;
      if (distance32(newest.timestamp, timestamp) < 0) this.#timestampRegressions++;
      this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - newest.atMs);
      this.#newest = { sequenceNumber, timestamp, atMs: nowMs };
    }
  }
}

/** Bytes before the payload: header, CSRCs, extension block. */
function payloadOffset(packet: Buffer): number {
  const first = packet.readUInt8(0);
  const offset = 12 + (first & 0x0f) * 4;
  if ((first & 0x10) === 0) return offset;
  return packet.length < offset + 4 ? packet.length : offset + 4 + packet.readUInt16BE(offset + 2) * 4;
}

/** RFC 7741 section 4.2 (descriptor) and RFC 6386 section 9.1 (the frame's first bit is 0 for key frames). */
function startsVp8Keyframe(packet: Buffer, start: number): boolean {
  const first = packet[start];
  if (first === undefined || (first & 0x1f) !== 0x10) return false;
  let at = start + 1;
  if ((first & 0x80) !== 0) {
    const flags = packet[at++] ?? 0;
    if ((flags & 0x80) !== 0) at += ((packet[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((flags & 0x40) !== 0) at++;
    if ((flags & 0x30) !== 0) at++;
  }
  const frame = packet[at];
  return frame !== undefined && (frame & 1) === 0;
}
