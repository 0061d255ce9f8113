/** The VP9 payload descriptor (RFC 9628 section 4.2). Parse only. */
import { readUint16 } from '../bytes.ts';

/** P_DIFF entries at most (section 4.2). */
const MAX_REFERENCES = 3;

/** One object is reused; absent fields are −1. */
export class Vp9Descriptor {
  /** Bytes of the descriptor, the scalability structure included; the VP9 payload follows. */
  size = 0;
  /** P bit: the frame depends on an earlier one. */
  interPicturePredicted = false;
  /** F bit: flexible mode. */
  flexible = false;
  /** B bit: the packet starts a (layer) frame. */
  startOfFrame = false;
  /** E bit: the packet ends a (layer) frame. */
  endOfFrame = false;
  /** 0..127 or 0..32767; see `pictureIdBits`. */
  pictureId = -1;
  /** 7 or 15; 0 when there is no picture id. */
  pictureIdBits = 0;
  /** Where the picture id stands, in bytes from the start of the payload. */
  pictureIdOffset = -1;
  /** TID, 0..7. */
  temporalLayer = -1;
  /** U bit: switching up to this temporal layer is possible here. */
  switchingUpPoint = false;
  /** SID, 0..7. */
  spatialLayer = -1;
  /** D bit: predicted from the spatial layer below. */
  interLayerPredicted = false;
  /** TL0PICIDX, 0..255; non-flexible mode only. */
  temporalLayerZeroIndex = -1;
  temporalLayerZeroIndexOffset = -1;
  /** Flexible mode: P_DIFFs, how many pictures back each reference lies, 0..127; the first `referenceCount` hold. */
  readonly references = new Uint8Array(MAX_REFERENCES);
  referenceCount = 0;
  /** Where the scalability structure stands, in bytes from the start of the payload; −1 when there is none. */
  structureOffset = -1;
}

/**
 * Reads the descriptor at the start of a payload of `size` bytes. False when it is truncated, lists more references
 * than allowed, or nothing follows it. Allocates nothing.
 */
export function parseVp9Descriptor(bytes: Uint8Array, offset: number, size: number, out: Vp9Descriptor): boolean {
  if (size < 2) return false;
  const end = offset + size;
  const first = bytes[offset] as number;
  out.interPicturePredicted = (first & 0x40) !== 0;
  out.flexible = (first & 0x10) !== 0;
  out.startOfFrame = (first & 0x08) !== 0;
  out.endOfFrame = (first & 0x04) !== 0;

  // Reading past the end only moves `at` further past it, which the last line refuses; lists stop there.
  let at = offset + 1;
  out.pictureId = -1;
  out.pictureIdBits = 0;
  out.pictureIdOffset = -1;
  if ((first & 0x80) !== 0) {
    const long = (bytes[at] as number) >= 0x80;
    out.pictureIdBits = long ? 15 : 7;
    out.pictureIdOffset = at - offset;
    out.pictureId = long ? readUint16(bytes, at) & 0x7fff : (bytes[at] as number);
    at += long ? 2 : 1;
  }
  at = parseLayerIndices(bytes, at, (first & 0x20) !== 0, out);
  out.temporalLayerZeroIndexOffset = out.temporalLayerZeroIndex < 0 ? -1 : at - 1 - offset;
  out.referenceCount = 0;
  if (out.flexible && out.interPicturePredicted) at = parseReferences(bytes, at, end, out);
  const hasStructure = (first & 0x02) !== 0;
  out.structureOffset = hasStructure ? at - offset : -1;
  if (hasStructure) at = skipScalabilityStructure(bytes, at, end);
  out.size = at - offset;
  return at < end;
}

/** Layer indices (RFC 9628 section 4.2): TID U SID D, then TL0PICIDX in non-flexible mode. Next offset. */
function parseLayerIndices(bytes: Uint8Array, at: number, present: boolean, out: Vp9Descriptor): number {
  out.temporalLayer = -1;
  out.switchingUpPoint = false;
  out.spatialLayer = -1;
  out.interLayerPredicted = false;
  out.temporalLayerZeroIndex = -1;
  if (!present) return at;
  const layer = bytes[at] as number;
  out.temporalLayer = layer >>> 5;
  out.switchingUpPoint = (layer & 0x10) !== 0;
  out.spatialLayer = (layer >>> 1) & 0x07;
  out.interLayerPredicted = (layer & 0x01) !== 0;
  if (out.flexible) return at + 1;
  out.temporalLayerZeroIndex = bytes[at + 1] as number;
  return at + 2;
}

/** P_DIFF bytes: 7 bits of distance, then N, which says that another follows. Next offset; `end` when N never ends. */
function parseReferences(bytes: Uint8Array, start: number, end: number, out: Vp9Descriptor): number {
  for (let i = 0; i < MAX_REFERENCES; i++) {
    const byte = bytes[start + i] as number;
    out.references[i] = byte >>> 1;
    out.referenceCount = i + 1;
    if ((byte & 0x01) === 0) return start + i + 1;
  }
  return end;
}

/** Scalability structure (RFC 9628 section 4.2.1): N_S, Y, G; sizes; picture group. Next offset. */
function skipScalabilityStructure(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] as number;
  const spatialLayers = (first >>> 5) + 1;
  let at = start + 1;
  if ((first & 0x10) !== 0) at += 4 * spatialLayers;
  if ((first & 0x08) === 0) return at;
  const pictures = bytes[at++] as number;
  for (let i = 0; i < pictures && at < end; i++) at += 1 + (((bytes[at] as number) >>> 2) & 0x03);
  return at;
}
