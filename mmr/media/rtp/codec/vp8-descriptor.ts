/** The VP8 payload descriptor (RFC 7741 section 4.2). Parse only. */
import { readUint16, readUint24 } from '../bytes.ts';

/** One object is reused; absent fields are −1. */
export class Vp8Descriptor {
  /** Bytes of the descriptor; the VP8 payload follows. */
  size = 0;
  /** S bit: the packet starts a partition. */
  startOfPartition = false;
  /** PID, 0..7. */
  partition = 0;
  /** N bit: no later frame refers to this one. */
  nonReference = false;
  /** 0..127 or 0..32767; see `pictureIdBits`. */
  pictureId = -1;
  /** 7 or 15; 0 when there is no picture id. */
  pictureIdBits = 0;
  /** Where the picture id stands, in bytes from the start of the payload. */
  pictureIdOffset = -1;
  /** TL0PICIDX, 0..255. */
  temporalLayerZeroIndex = -1;
  temporalLayerZeroIndexOffset = -1;
  /** TID, 0..3. */
  temporalLayer = -1;
  /** Y bit: the frame depends on the base layer only. */
  layerSync = false;
}

/**
 * Reads the descriptor at the start of a payload of `size` bytes. False when it is truncated or nothing follows it.
 * Allocates nothing.
 */
export function parseVp8Descriptor(bytes: Uint8Array, offset: number, size: number, out: Vp8Descriptor): boolean {
  if (size < 2) return false;
  const first = bytes[offset] as number;
  out.nonReference = (first & 0x20) !== 0;
  out.startOfPartition = (first & 0x10) !== 0;
  out.partition = first & 0x07;
  out.pictureId = -1;
  out.pictureIdBits = 0;
  out.pictureIdOffset = -1;
  out.temporalLayerZeroIndex = -1;
  out.temporalLayerZeroIndexOffset = -1;
  out.temporalLayer = -1;
  out.layerSync = false;
  out.size = 1;
  if ((first & 0x80) === 0) return true;

  const extension = bytes[offset + 1] as number;
  // Reading past the end only moves `at` further past it, which the last line refuses.
  let at = offset + 2;
  if ((extension & 0x80) !== 0) {
    const long = (bytes[at] as number) >= 0x80;
    out.pictureIdBits = long ? 15 : 7;
    out.pictureIdOffset = at - offset;
    out.pictureId = long ? readUint16(bytes, at) & 0x7fff : (bytes[at] as number);
    at += long ? 2 : 1;
  }
  if ((extension & 0x40) !== 0) {
    out.temporalLayerZeroIndexOffset = at - offset;
    out.temporalLayerZeroIndex = bytes[at++] as number;
  }
  if ((extension & 0x30) !== 0) {
    // KEYIDX alone, without TID and Y, takes the octet as well.
    const last = bytes[at++] as number;
    if ((extension & 0x20) !== 0) {
      out.temporalLayer = last >>> 6;
      out.layerSync = (last & 0x20) !== 0;
    }
  }
  out.size = at - offset;
  return at < offset + size;
}

/** Start code of a key frame's header (RFC 6386 section 9.1). */
const KEYFRAME_START_CODE = 0x9d012a;

/**
 * Height of the picture in pixels, 1..16383, from the frame header at `at` of a key frame: three bytes of frame tag,
 * three of start code, width and height of 14 bits each, least significant byte first (RFC 6386 section 9.1). −1 when it
 * is none or ends before `end`.
 */
export function readVp8Height(bytes: Uint8Array, at: number, end: number): number {
  if (at + 10 > end || ((bytes[at] as number) & 0x01) !== 0) return -1;
  if (readUint24(bytes, at + 3) !== KEYFRAME_START_CODE) return -1;
  const height = (((bytes[at + 9] as number) & 0x3f) << 8) | (bytes[at + 8] as number);
  return height === 0 ? -1 : height;
}
