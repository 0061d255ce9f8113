/**
 * What is to be sent: records that the engine carries out in one call. Last stage of the way out, and the `out`
 * of every state machine of the media core: write-only, flushed by the shell after the call returns.
 *
 * Record: 16 words of 32 bits, native byte order.
 *
 * | word | RTP | RTCP | datagram |
 * |---|---|---|---|
 * | 0 | kind 1, in bits 0–7; patch offsets in bits 8–15 and 16–23; bit 24 (EGRESS_MAY_PAD) | kind 2 | kind 3 (to a transport's destination), 4 (to an address) |
 * | 1 | transport handle | transport handle | transport handle (kind 3) |
 * | 2, 3 | store slot, generation | – | kind 4: family << 16 or port in word 2 |
 * | 4 | payload offset << 16 or payload size, within the store slot | – | – |
 * | 5 | first header word: V P X CC M PT sequence-number | – | – |
 * | 6, 7 | timestamp, SSRC | – | – |
 * | 8 | roll-over counter | – | – |
 * | 9 | offset in `side` | offset in `side` | offset in `side` |
 * | 10 | header size << 16 or prefix size, both in `side` | size in `side` | size in `side` |
 * | 11 | two 16-bit patch values: first << 16 or second | – | – |
 * | 12–15 | scratch of the engine (kind 4: address bytes) | | |
 *
 * `side` has two parts: bytes that hold until the next flush (`reserveSide`: RTCP, DTLS, STUN), and a ring for the header
 * blocks and prefixes of RTP, whose records may wait in a pacing queue (`openBlock`, `closeBlock`).
 *
 * An RTP packet is sent as: 12-byte header from words 5–7, `header size` bytes of `side` (CSRCs and extension block,
 * a multiple of 4), `prefix size` bytes of `side` (payload bytes that replace or precede the stored ones, e.g. a
 * rewritten VP8 descriptor or an RTX original sequence number), then the stored payload. The first two parts are
 * authenticated, the rest encrypted. A payload size of 0 reads nothing of the store (padding, fillers).
 *
 * Patches: a block in `side` is shared by many records, and two 16-bit fields of it may differ per record. The first
 * patch value overwrites the 2 bytes at (first patch offset) bytes into the block (the transport-wide sequence number),
 * the second likewise (the frame number of a dependency descriptor). Offset 0 means no patch: byte 0 of a block is never one.
 */
import type { RemoteAddress } from '../remote-address.ts';

export const EGRESS_WORDS = 16;
export const EGRESS_CAPACITY = 8192;
/** First part of `side`: bytes that hold until the next flush. */
export const EGRESS_FLUSH_BYTES = 1 << 20;
/**
 * Second part of `side`: a ring of blocks that outlive the flush, because a pacing queue may hold their records back.
 * A worker that forwards 50 000 packets a second and rewrites each of them goes round it in about a second.
 */
export const EGRESS_RING_BYTES = 1 << 21;
export const EGRESS_SIDE_BYTES = EGRESS_FLUSH_BYTES + EGRESS_RING_BYTES;

const RING_MASK = EGRESS_RING_BYTES - 1;

/**
 * Bit of word 0: the engine may lengthen the packet by a few bytes of RTP padding, so that it gets the size of its
 * neighbours and leaves with them in one message (UDP_SEGMENT). Not for packets that may be sent again under their number.
 */
export const EGRESS_MAY_PAD = 1 << 24;

export const EgressKind = { rtp: 1, rtcp: 2, datagram: 3, addressedDatagram: 4 } as const;

export class EgressPlan {
  readonly words: Uint32Array;
  readonly side: Uint8Array;
  /** Records written since the last `clear`. */
  count = 0;
  /** Bytes of the first part of `side` used since the last `clear`. */
  sideSize = 0;
  /** Bytes of the ring used since the plan was made, modulo 2^32, and how many of them since the last `clear`. */
  #ringEnd = 0;
  #ringUsed = 0;

  constructor(
    words: ArrayBuffer = new ArrayBuffer(EGRESS_CAPACITY * EGRESS_WORDS * 4),
    side: ArrayBuffer = new ArrayBuffer(EGRESS_SIDE_BYTES),
  ) {
    this.words = new Uint32Array(words);
    this.side = new Uint8Array(side);
  }

  clear(): void {
    this.count = 0;
    this.sideSize = 0;
    this.#ringUsed = 0;
  }

  /**
   * Whether `records` more records with `sideBytes` more side bytes, of either part, fit; the shell flushes when they
   * do not. So the ring never overtakes the records of the present plan.
   */
  hasRoom(records: number, sideBytes: number): boolean {
    return (
      this.count + records <= EGRESS_CAPACITY &&
      this.sideSize + sideBytes <= EGRESS_FLUSH_BYTES &&
      this.#ringUsed + sideBytes <= EGRESS_RING_BYTES
    );
  }

  /**
   * Reserves side bytes and returns their offset; the caller writes `side` there. Several records may share them.
   * Precondition: `hasRoom(…, sizeBytes)`.
   */
  reserveSide(sizeBytes: number): number {
    const offset = this.sideSize;
    this.sideSize = offset + sizeBytes;
    return offset;
  }

  /**
   * Where in `side` a block of at most `maxBytes` may be written that outlives the flush; `closeBlock` then takes what
   * was written. Precondition: `hasRoom(…, maxBytes)`. Hot.
   */
  openBlock(maxBytes: number): number {
    const at = this.#ringEnd & RING_MASK;
    if (at + maxBytes <= EGRESS_RING_BYTES) return EGRESS_FLUSH_BYTES + at;
    // A block does not wrap: the end of the ring stays unused in this round.
    this.#ringEnd = (this.#ringEnd + EGRESS_RING_BYTES - at) >>> 0;
    this.#ringUsed += EGRESS_RING_BYTES - at;
    return EGRESS_FLUSH_BYTES;
  }

  /** Takes `sizeBytes` at the place that `openBlock` has just returned. */
  closeBlock(sizeBytes: number): void {
    this.#ringEnd = (this.#ringEnd + sizeBytes) >>> 0;
    this.#ringUsed += sizeBytes;
  }

  /** Name of the ring block at `sideOffset`, which was written less than one round ago, for `hasBlock`. */
  blockMark(sideOffset: number): number {
    const back = (this.#ringEnd - sideOffset + EGRESS_FLUSH_BYTES) & RING_MASK;
    return (this.#ringEnd - (back === 0 ? EGRESS_RING_BYTES : back)) >>> 0;
  }

  /** Whether the block named `mark` is still there: the ring has not gone round since. */
  hasBlock(mark: number): boolean {
    return (this.#ringEnd - mark) >>> 0 <= EGRESS_RING_BYTES;
  }

  /** One RTP packet from the store, without patches. Every argument is an unsigned integer; see the table above. Allocates nothing. */
  rtp(
    transport: number,
    storeSlot: number,
    generation: number,
    payloadOffset: number,
    payloadSize: number,
    firstWord: number,
    timestamp: number,
    ssrc: number,
    rolloverCounter: number,
    sideOffset: number,
    headerSize: number,
    prefixSize: number,
  ): void {
    const words = this.words;
    const at = this.count++ * EGRESS_WORDS;
    words[at] = EgressKind.rtp;
    words[at + 1] = transport;
    words[at + 2] = storeSlot;
    words[at + 3] = generation;
    words[at + 4] = (payloadOffset << 16) | payloadSize;
    words[at + 5] = firstWord;
    words[at + 6] = timestamp;
    words[at + 7] = ssrc;
    words[at + 8] = rolloverCounter;
    words[at + 9] = sideOffset;
    words[at + 10] = (headerSize << 16) | prefixSize;
    words[at + 11] = 0;
  }

  /** One plain compound RTCP packet, already in `side`; the engine protects it with the transport's SRTCP index. */
  rtcp(transport: number, sideOffset: number, sizeBytes: number): void {
    this.#simple(EgressKind.rtcp, transport, sideOffset, sizeBytes);
  }

  /** One datagram (DTLS) as it is, to the transport's selected destination. */
  datagram(transport: number, sideOffset: number, sizeBytes: number): void {
    this.#simple(EgressKind.datagram, transport, sideOffset, sizeBytes);
  }

  /** One datagram (STUN) as it is, to an address. */
  datagramTo(address: RemoteAddress, sideOffset: number, sizeBytes: number): void {
    const at = this.count * EGRESS_WORDS;
    this.#simple(EgressKind.addressedDatagram, 0, sideOffset, sizeBytes);
    this.words[at + 2] = (address.family << 16) | address.port;
    new Uint8Array(this.words.buffer, (at + 12) * 4, 16).set(address.bytes);
  }

  #simple(kind: number, transport: number, sideOffset: number, sizeBytes: number): void {
    const words = this.words;
    const at = this.count++ * EGRESS_WORDS;
    words[at] = kind;
    words[at + 1] = transport;
    words[at + 9] = sideOffset;
    words[at + 10] = sizeBytes;
  }
}
