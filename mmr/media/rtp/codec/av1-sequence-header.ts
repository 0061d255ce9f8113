/** The sequence header of AV1 (AV1 specification section 5.5), as far as the picture's height. */
import { BitReader } from '../bit-reader.ts';

const OBU_SEQUENCE_HEADER = 1;

const bits = new BitReader();

/**
 * Height in pixels (of the largest operating point) that the payload's first OBU element tells, when it is a sequence
 * header. −1 when it is not or is truncated. Precondition: `isAv1Keyframe` of the payload.
 */
export function readAv1Height(bytes: Uint8Array, offset: number, size: number): number {
  const end = offset + size;
  // Aggregation header, then the first element, with a size unless it is the only one (W = 1).
  let at = offset + 1;
  if ((((bytes[offset] as number) >>> 4) & 0x03) !== 1) at = skipLeb128(bytes, at, end);
  const obu = at < end ? (bytes[at] as number) : 0;
  if (((obu >>> 3) & 0x0f) !== OBU_SEQUENCE_HEADER) return -1;
  at += (obu & 0x04) === 0 ? 1 : 2;
  if ((obu & 0x02) !== 0) at = skipLeb128(bytes, at, end);
  if (at >= end) return -1;
  bits.begin(bytes, at, end - at);
  return readHeight();
}

function skipLeb128(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] as number) >= 0x80) at++;
  return at + 1;
}

function readHeight(): number {
  bits.read(4); // Profile, still picture.
  if (bits.readFlag()) bits.read(5);
  else if (!skipOperatingPoints()) return -1;
  const widthBits = bits.read(4) + 1;
  const heightBits = bits.read(4) + 1;
  bits.read(widthBits);
  const height = bits.read(heightBits) + 1;
  return bits.isOverrun ? -1 : height;
}

/** False when the stream tells a timing model, which encoders of WebRTC do not. */
function skipOperatingPoints(): boolean {
  if (bits.readFlag()) return false;
  const hasDelays = bits.readFlag();
  const points = bits.read(5) + 1;
  for (let point = 0; point < points && !bits.isOverrun; point++) {
    bits.read(12);
    if (bits.read(5) > 7) bits.read(1); // Level, tier.
    if (hasDelays && bits.readFlag()) bits.read(4);
  }
  return true;
}
