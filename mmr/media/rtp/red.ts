/**
 * Redundant audio (RED, RFC 2198): a packet repeats what earlier ones carried, so that a single loss costs nothing. Its
 * blocks lie one after the other behind a list of headers, the newest (primary) last. Reading and writing only; who gets
 * which form is decided by the source.
 */

/** Redundant blocks of a packet that are read; libwebrtc sends 1 by default, 9 at most. */
export const MAX_RED_BLOCKS = 9;
/** 14 bits: how far a redundant block may lie back, in timestamp units (341 ms at 48 kHz). */
const MAX_RED_TIMESTAMP_OFFSET = 0x3fff;
/** 10 bits: the largest redundant block in bytes. */
const MAX_RED_BLOCK_BYTES = 0x3ff;
const REDUNDANT_HEADER_BYTES = 4;
const PRIMARY_HEADER_BYTES = 1;
/** What `writeRedundant` adds to the block itself. */
export const RED_OVERHEAD_BYTES = REDUNDANT_HEADER_BYTES + PRIMARY_HEADER_BYTES;

/** Where the blocks of one packet lie, counted from the start of the array; one object is reused. */
export class RedBlocks {
  /** Redundant blocks, oldest first. */
  count = 0;
  readonly payloadTypes = new Uint8Array(MAX_RED_BLOCKS);
  /** How much older than the packet's own timestamp. */
  readonly timestampOffsets = new Uint16Array(MAX_RED_BLOCKS);
  readonly offsets = new Uint32Array(MAX_RED_BLOCKS);
  readonly sizes = new Uint16Array(MAX_RED_BLOCKS);
  primaryPayloadType = 0;
  primaryOffset = 0;
  primarySize = 0;
  /** Bytes of all headers. */
  headerSize = 0;

  /** Whether all blocks, the primary one too, are of `payloadType`. */
  isAllOf(payloadType: number): boolean {
    for (let i = 0; i < this.count; i++) if (this.payloadTypes[i] !== payloadType) return false;
    return this.primaryPayloadType === payloadType;
  }
}

/**
 * Reads the headers of a RED payload (`offset`, `size`) into `blocks`. False when it is malformed (`blocks` is then
 * undefined ground): cut headers, blocks that overrun it, more than MAX_RED_BLOCKS, or no primary block. Allocates nothing.
 */
export function parseRed(bytes: Uint8Array, offset: number, size: number, blocks: RedBlocks): boolean {
  const end = offset + size;
  if (size < 0 || offset < 0 || end > bytes.length) return false;
  let at = offset;
  let redundantBytes = 0;
  blocks.count = 0;
  // F = 1: another header follows.
  while (at < end && (bytes[at] as number) >= 0x80) {
    if (blocks.count === MAX_RED_BLOCKS || at + REDUNDANT_HEADER_BYTES > end) return false;
    const i = blocks.count++;
    const high = bytes[at + 1] as number;
    const middle = bytes[at + 2] as number;
    blocks.payloadTypes[i] = (bytes[at] as number) & 0x7f;
    blocks.timestampOffsets[i] = (high << 6) | (middle >>> 2);
    blocks.sizes[i] = ((middle & 0x03) << 8) | (bytes[at + 3] as number);
    redundantBytes += blocks.sizes[i] as number;
    at += REDUNDANT_HEADER_BYTES;
  }
  if (at >= end) return false;
  blocks.primaryPayloadType = bytes[at] as number;
  at += PRIMARY_HEADER_BYTES;
  blocks.headerSize = at - offset;
  blocks.primarySize = end - at - redundantBytes;
  blocks.primaryOffset = at + redundantBytes;
  for (let i = 0; i < blocks.count; i++) {
    blocks.offsets[i] = at;
    at += blocks.sizes[i] as number;
  }
  return blocks.primarySize > 0;
}

/**
 * Writes the headers of `blocks` anew at `at`, all under the receiver's `payloadType`, and returns their size, which is
 * `blocks.headerSize`: the blocks themselves follow unchanged. Precondition: `blocks.isAllOf` the sender's payload type.
 */
export function writeRedHeaders(out: Uint8Array, at: number, blocks: RedBlocks, payloadType: number): number {
  for (let i = 0; i < blocks.count; i++) {
    const header = at + i * REDUNDANT_HEADER_BYTES;
    writeRedundantHeader(out, header, payloadType, blocks.timestampOffsets[i] as number, blocks.sizes[i] as number);
  }
  out[at + blocks.headerSize - PRIMARY_HEADER_BYTES] = payloadType;
  return blocks.headerSize;
}

/**
 * Writes what stands before the primary block when an earlier one is added: both headers and the earlier block (`from`,
 * `offset`, `size`), which is `timestampOffset` older. Returns the bytes written, RED_OVERHEAD_BYTES + size. A block that
 * cannot be expressed (too old, too large, empty) is left out: then only the header of the primary one is written.
 */
export function writeRedundant(
  out: Uint8Array,
  at: number,
  payloadType: number,
  timestampOffset: number,
  from: Uint8Array,
  offset: number,
  size: number,
): number {
  const fits = size > 0 && size <= MAX_RED_BLOCK_BYTES && timestampOffset > 0;
  if (!fits || timestampOffset > MAX_RED_TIMESTAMP_OFFSET) {
    out[at] = payloadType;
    return PRIMARY_HEADER_BYTES;
  }
  writeRedundantHeader(out, at, payloadType, timestampOffset, size);
  out[at + REDUNDANT_HEADER_BYTES] = payloadType;
  const block = at + RED_OVERHEAD_BYTES;
  for (let i = 0; i < size; i++) out[block + i] = from[offset + i] as number;
  return RED_OVERHEAD_BYTES + size;
}

function writeRedundantHeader(
  out: Uint8Array,
  at: number,
  payloadType: number,
  timestampOffset: number,
  size: number,
): void {
  out[at] = 0x80 | payloadType;
  out[at + 1] = timestampOffset >>> 6;
  out[at + 2] = ((timestampOffset & 0x3f) << 2) | (size >>> 8);
  out[at + 3] = size;
}
