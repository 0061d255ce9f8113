/**
 * Writes what follows the fixed 12 bytes of an RTP header: the CSRC list and one extension block (RFC 3550 section
 * 5.1, RFC 8285). The egress side writes it once per packet and shares it among all receivers with the same ids.
 */
import { writeUint16, writeUint32 } from './bytes.ts';
import { ONE_BYTE_PROFILE, TWO_BYTE_PROFILE } from './header-extensions.ts';

const BLOCK_HEADER_BYTES = 4;
const MAX_ONE_BYTE_ID = 14;
const MAX_ONE_BYTE_SIZE = 16;
/** Largest id and data size of the two-byte form, whose fields are one byte each. */
const MAX_TWO_BYTE = 255;

/**
 * Use: `begin`, `csrc`*, `extension`*, `end`. The form is one-byte as long as every id is 1..14 and every size 1..16;
 * the first element that does not fit turns the whole block into the two-byte form. Allocates nothing.
 */
export class HeaderBlockWriter {
  /** Whether the X bit of the first header word must be set; valid after `end`. */
  hasExtension = false;
  /** CC field of the first header word. */
  csrcCount = 0;

  #side: Uint8Array = new Uint8Array(0);
  #start = 0;
  #blockStart = 0;
  #at = 0;
  #twoByte = false;

  /** Bytes written since `begin`. */
  get sizeBytes(): number {
    return this.#at - this.#start;
  }

  /** Whether the elements have heads of two bytes. */
  get isTwoByte(): boolean {
    return this.#twoByte;
  }

  /** Starts at `offset` of `side`; the caller has reserved room. */
  begin(side: Uint8Array, offset: number): void {
    this.#side = side;
    this.#start = offset;
    this.#blockStart = offset;
    this.#at = offset;
    this.#twoByte = false;
    this.hasExtension = false;
    this.csrcCount = 0;
  }

  /** Adds one contributing source; at most 15, and before the first extension. Others are ignored. */
  csrc(ssrc: number): void {
    if (this.csrcCount === 15 || this.hasExtension) return;
    writeUint32(this.#side, this.#at, ssrc);
    this.#at += 4;
    this.#blockStart = this.#at;
    this.csrcCount++;
  }

  /**
   * Adds one element whose data are `size` bytes (0..255) of `bytes` at `offset`. An id outside 1..255 (0 means "not
   * negotiated") or a larger size is ignored.
   */
  extension(id: number, bytes: Uint8Array, offset: number, size: number): void {
    if (id < 1 || id > MAX_TWO_BYTE || size < 0 || size > MAX_TWO_BYTE) return;
    if (!this.hasExtension) {
      this.hasExtension = true;
      this.#at = this.#blockStart + BLOCK_HEADER_BYTES;
    }
    if (!this.#twoByte && (id > MAX_ONE_BYTE_ID || size < 1 || size > MAX_ONE_BYTE_SIZE)) this.#toTwoByte();
    const side = this.#side;
    if (this.#twoByte) {
      side[this.#at++] = id;
      side[this.#at++] = size;
    } else {
      side[this.#at++] = (id << 4) | (size - 1);
    }
    for (let i = 0; i < size; i++) side[this.#at++] = bytes[offset + i] as number;
  }

  /** Pads and closes the block. Bytes written since `begin`, a multiple of 4. */
  end(): number {
    if (this.hasExtension) {
      const dataStart = this.#blockStart + BLOCK_HEADER_BYTES;
      while (((this.#at - dataStart) & 3) !== 0) this.#side[this.#at++] = 0;
      writeUint16(this.#side, this.#blockStart, this.#twoByte ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE);
      writeUint16(this.#side, this.#blockStart + 2, (this.#at - dataStart) >>> 2);
    }
    return this.#at - this.#start;
  }

  /** Rewrites the elements so far: each grows by one byte, so the last ones move first and furthest. */
  #toTwoByte(): void {
    const side = this.#side;
    const dataStart = this.#blockStart + BLOCK_HEADER_BYTES;
    let elements = 0;
    for (let at = dataStart; at < this.#at; at += 2 + ((side[at] as number) & 0x0f)) elements++;
    for (let moved = elements - 1; moved >= 0; moved--) {
      let from = dataStart;
      for (let i = 0; i < moved; i++) from += 2 + ((side[from] as number) & 0x0f);
      const first = side[from] as number;
      const size = (first & 0x0f) + 1;
      side.copyWithin(from + moved + 2, from + 1, from + 1 + size);
      side[from + moved] = first >>> 4;
      side[from + moved + 1] = size;
    }
    this.#at += elements;
    this.#twoByte = true;
  }
}
