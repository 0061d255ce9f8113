/**
 * The datagrams of one wake-up, as the engine received them: a typed array of records over memory shared with C++.
 * First stage of the way in. Reading allocates nothing.
 *
 * Record: 16 words of 32 bits, native byte order.
 *
 * | word | content |
 * |---|---|
 * | 0 | store slot |
 * | 1 | generation of that store slot |
 * | 2 | size in bytes as received (at most SLOT_BYTES) |
 * | 3 | transport handle that owns the remote address, 0 when none |
 * | 4 | address family (4 or 6) << 16 or port |
 * | 5–8 | remote address, network byte order (IPv4 in word 5; mapped IPv6 is reported as IPv4) |
 * | 9 | the engine's own: which local address it came to |
 * | 10–11 | arrival time as float64, microseconds on the engine's monotonic clock, from the kernel's receive timestamp |
 * | 12 | request to `unprotect` (see Unprotect), set by the demultiplexer |
 * | 13 | DropReason of `unprotect`, 0 when it held |
 * | 14 | size in bytes after `unprotect` |
 * | 15 | roll-over counter after `unprotect` (RTP), so that index = counter * 65536 + sequence number |
 */
export const INGRESS_WORDS = 16;
export const INGRESS_CAPACITY = 256;
/** Bytes of one packet-store slot. A longer datagram is truncated by the kernel and dropped by the engine. */
export const SLOT_BYTES = 2048;

export const Unprotect = { no: 0, rtp: 1, rtcp: 2 } as const;
export type Unprotect = (typeof Unprotect)[keyof typeof Unprotect];

export class IngressBatch {
  readonly words: Uint32Array;
  readonly #floats: Float64Array;
  readonly #bytes: Uint8Array;

  /** `memory` holds INGRESS_CAPACITY records of 64 bytes. */
  constructor(memory: ArrayBuffer = new ArrayBuffer(INGRESS_CAPACITY * INGRESS_WORDS * 4)) {
    this.words = new Uint32Array(memory);
    this.#floats = new Float64Array(memory);
    this.#bytes = new Uint8Array(memory);
  }

  slot(i: number): number {
    return this.words[i * INGRESS_WORDS] as number;
  }
  generation(i: number): number {
    return this.words[i * INGRESS_WORDS + 1] as number;
  }
  sizeBytes(i: number): number {
    return this.words[i * INGRESS_WORDS + 2] as number;
  }
  transport(i: number): number {
    return this.words[i * INGRESS_WORDS + 3] as number;
  }
  family(i: number): 4 | 6 {
    return (this.words[i * INGRESS_WORDS + 4] as number) >>> 16 === 6 ? 6 : 4;
  }
  port(i: number): number {
    return (this.words[i * INGRESS_WORDS + 4] as number) & 0xffff;
  }
  /** A copy of the remote address: 4 or 16 bytes, network byte order. Cold path only (it allocates). */
  addressBytes(i: number): Uint8Array {
    const start = (i * INGRESS_WORDS + 5) * 4;
    return this.#bytes.slice(start, start + (this.family(i) === 6 ? 16 : 4));
  }
  arrivalUs(i: number): number {
    return this.#floats[i * (INGRESS_WORDS / 2) + 5] as number;
  }
  requestUnprotect(i: number, what: Unprotect): void {
    this.words[i * INGRESS_WORDS + 12] = what;
  }
  unprotectDrop(i: number): number {
    return this.words[i * INGRESS_WORDS + 13] as number;
  }
  plainSizeBytes(i: number): number {
    return this.words[i * INGRESS_WORDS + 14] as number;
  }
  rolloverCounter(i: number): number {
    return this.words[i * INGRESS_WORDS + 15] as number;
  }
}
