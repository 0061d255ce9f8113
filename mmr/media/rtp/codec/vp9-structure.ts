/** The scalability structure of VP9 (RFC 9628 section 4.2.1): spatial layers with their sizes, and the picture group. */
import { readUint16 } from '../bytes.ts';

const MAX_LAYERS = 8;

/** One object is reused. */
export class Vp9Structure {
  /** N_S + 1: 1..8. */
  spatialLayers = 1;
  /** Picture heights by spatial layer, in pixels; 0 when the structure has no sizes (Y = 0). */
  readonly heights = new Uint16Array(MAX_LAYERS);
  /** Highest TID of the group plus one; 0 without a group. */
  temporalLayers = 0;
}

/**
 * Reads the structure that starts at `start`. False when it does not end at `end` or before; `out` is undefined ground
 * then. Precondition: `start` < `end`.
 */
export function parseVp9Structure(bytes: Uint8Array, start: number, end: number, out: Vp9Structure): boolean {
  const first = bytes[start] as number;
  const hasSizes = (first & 0x10) !== 0;
  out.spatialLayers = (first >>> 5) + 1;
  out.temporalLayers = 0;
  let at = start + 1;
  if (hasSizes && at + 4 * out.spatialLayers > end) return false;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const isTold = hasSizes && layer < out.spatialLayers;
    out.heights[layer] = isTold ? readUint16(bytes, at + 2) : 0;
    if (isTold) at += 4;
  }
  if ((first & 0x08) === 0) return at <= end;
  if (at >= end) return false;
  const pictures = bytes[at++] as number;
  for (let picture = 0; picture < pictures; picture++) {
    if (at >= end) return false;
    const entry = bytes[at] as number;
    out.temporalLayers = Math.max(out.temporalLayers, (entry >>> 5) + 1);
    at += 1 + ((entry >>> 2) & 0x03);
  }
  return at <= end;
}
