/**
 * What is to be sent: records that the engine carries out in one call. Last stage of the way out, and the `out`
 * of every state machine of the media core: write-only, flushed by the shell after the call returns.
 *
 * Record: 16 words of 32 bits, native byte order.
 *
 * | word | RTP | RTCP | datagram |
 * |---|---|---|---|
 * | 0 | kind 1 | kind 2 | kind 3 (to a transport's destination), 4 (to an address) |
 * | 1 | transport handle | transport handle | transport handle (kind 3) |
 * | 2, 3 | store slot, generation | – | kind 4: family << 16 or port in word 2 |
 * | 4 | payload offset << 16 or payload size, within the store slot | – | – |
 * | 5 | first header word: V P X CC M PT sequence-number | – | – |
 * | 6, 7 | timestamp, SSRC | – | – |
 * | 8 | roll-over counter | – | – |
 * | 9 | offset in `side` | offset in `side` | offset in `side` |
 * | 10 | header size << 16 or prefix size, both in `side` | size in `side` | size in `side` |
 * | 11 | – | – | – |
 * | 12–15 | scratch of the engine (kind 4: address bytes) | | |
 *
 * An RTP packet is sent as: 12-byte header from words 5–7, `header size` bytes of `side` (CSRCs and extension block,
 * a multiple of 4), `prefix size` bytes of `side` (payload bytes that replace or precede the stored ones, e.g. a
 * rewritten VP8 descriptor or an RTX original sequence number), then the stored payload. The first two parts are
 * authenticated, the rest encrypted.
 */
import type { RemoteAddress } from '../remote-address.ts';

export const EGRESS_WORDS = 16;
export const EGRESS_CAPACITY = 8192;
export const EGRESS_SIDE_BYTES = 1 << 20;

export const EgressKind = { rtp: 1, rtcp: 2, datagram: 3, addressedDatagram: 4 } as const;

export class EgressPlan {
  readonly words: Uint32Array;
  readonly side: Uint8Array;
  /** Records written since the last `clear`. */
  count = 0;
  /** Bytes of `side` used since the last `clear`. */
  sideSize = 0;

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
  }

  /** Whether `records` more records with `sideBytes` more side bytes fit; the shell flushes when they do not. */
  hasRoom(records: number, sideBytes: number): boolean {
    return this.count + records <= EGRESS_CAPACITY && this.sideSize + sideBytes <= EGRESS_SIDE_BYTES;
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

  /** One RTP packet from the store. Every argument is an unsigned integer; see the table above. Allocates nothing. */
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
