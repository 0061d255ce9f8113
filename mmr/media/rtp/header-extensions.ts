/**
 * Reads RTP header extensions in the one-byte and two-byte forms of RFC 8285. Elements are looked up where they lie;
 * a packet has few of them, so a walk per lookup is cheaper than an index.
 */
export const ONE_BYTE_PROFILE = 0xbede;
export const TWO_BYTE_PROFILE = 0x1000;
/** Id that ends the list in the one-byte form (RFC 8285 section 4.2). */
const ONE_BYTE_STOP_ID = 15;

/** Where the extension block of a packet lies; `RtpHeader` says it. */
export interface ExtensionBlock {
  /** "Defined by profile" field: which form the elements have. */
  readonly extensionProfile: number;
  /** Where the first element starts, counted from the start of the array. */
  readonly extensionOffset: number;
  /** Bytes of the elements with their padding; 0 when there are none. */
  readonly extensionSize: number;
}

/** Where a piece of a packet lies; one object is reused. */
export class ByteRange {
  /** Counted from the start of the array. */
  offset = 0;
  /** Bytes. */
  size = 0;
}

/**
 * Finds the first element with `id` (1..14 one-byte, 1..255 two-byte) and sets `range` to its data. False when there
 * is none, or the block is of a foreign profile. Precondition: `extensionElementsFit`, which `parseRtpHeader` sees to.
 * Allocates nothing.
 */
export function findExtension(bytes: Uint8Array, block: ExtensionBlock, id: number, range: ByteRange): boolean {
  if (block.extensionSize === 0 || id === 0) return false;
  if (block.extensionProfile === ONE_BYTE_PROFILE) return findOneByte(bytes, block, id, range);
  if ((block.extensionProfile & 0xfff0) === TWO_BYTE_PROFILE) return findTwoByte(bytes, block, id, range);
  return false;
}

/**
 * Whether every element ends inside the extension block; true for a foreign profile, whose inside is not ours to
 * judge. Used by `parseRtpHeader`, so that no reader meets a length that lies.
 */
export function extensionElementsFit(bytes: Uint8Array, block: ExtensionBlock): boolean {
  const end = block.extensionOffset + block.extensionSize;
  if (block.extensionProfile === ONE_BYTE_PROFILE) return walkOneByte(bytes, block.extensionOffset, end, -1) <= end;
  if ((block.extensionProfile & 0xfff0) === TWO_BYTE_PROFILE) {
    return walkTwoByte(bytes, block.extensionOffset, end, -1) <= end;
  }
  return true;
}

function findOneByte(bytes: Uint8Array, block: ExtensionBlock, id: number, range: ByteRange): boolean {
  const end = block.extensionOffset + block.extensionSize;
  const at = walkOneByte(bytes, block.extensionOffset, end, id);
  if (at >= end) return false;
  range.offset = at + 1;
  range.size = ((bytes[at] as number) & 0x0f) + 1;
  return range.offset + range.size <= end;
}

function findTwoByte(bytes: Uint8Array, block: ExtensionBlock, id: number, range: ByteRange): boolean {
  const end = block.extensionOffset + block.extensionSize;
  const at = walkTwoByte(bytes, block.extensionOffset, end, id);
  if (at >= end) return false;
  range.offset = at + 2;
  range.size = bytes[at + 1] as number;
  return range.offset + range.size <= end;
}

/** Offset of the element with `id`; else `end`, or more than `end` when the last element overruns the block. */
function walkOneByte(bytes: Uint8Array, start: number, end: number, id: number): number {
  let at = start;
  while (at < end) {
    const first = bytes[at] as number;
    if (first === 0) {
      at += 1; // Padding may stand between elements (section 4.2).
      continue;
    }
    const found = first >>> 4;
    // Id 15, or id 0 with a length, ends the list; what follows is not ours to interpret (section 4.2).
    if (found === ONE_BYTE_STOP_ID || found === 0) return end;
    if (found === id) return at;
    at += 2 + (first & 0x0f);
  }
  return at;
}

/** As `walkOneByte`, for the two-byte form (section 4.3). */
function walkTwoByte(bytes: Uint8Array, start: number, end: number, id: number): number {
  let at = start;
  while (at < end) {
    const found = bytes[at] as number;
    if (found === 0) {
      at += 1;
      continue;
    }
    if (at + 1 >= end) return end + 1; // An id without its length byte.
    if (found === id) return at;
    at += 2 + (bytes[at + 1] as number);
  }
  return at;
}
