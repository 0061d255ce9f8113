/** The sequence parameter set of H264 (ITU-T H.264 section 7.3.2.1.1), as far as the picture's height. */
import { BitReader } from '../bit-reader.ts';
import { readUint16 } from '../bytes.ts';

const NAL_SEQUENCE_PARAMETERS = 7;
const NAL_STAP_A = 24;
const NAL_FU_A = 28;
/** Profiles whose parameter sets tell chroma format and bit depth (section 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** What is read of a parameter set; the height stands within the first 30 bytes of those that encoders of WebRTC write. */
const MAX_BYTES = 64;

const plain = new Uint8Array(MAX_BYTES);
const bits = new BitReader();

/**
 * Height in pixels that the payload's sequence parameter set tells: a single NAL unit, the first such unit of a
 * STAP-A, or the first fragment of a FU-A. −1 when there is none, it is truncated, or it has scaling lists.
 */
export function readH264Height(bytes: Uint8Array, offset: number, size: number): number {
  if (size < 2) return -1;
  const end = offset + size;
  const type = (bytes[offset] as number) & 0x1f;
  if (type === NAL_SEQUENCE_PARAMETERS) return heightOf(bytes, offset + 1, end);
  if (type === NAL_FU_A) {
    const isFirst = ((bytes[offset + 1] as number) & 0x9f) === (0x80 | NAL_SEQUENCE_PARAMETERS);
    return isFirst ? heightOf(bytes, offset + 2, end) : -1;
  }
  if (type !== NAL_STAP_A) return -1;
  for (let at = offset + 1; at + 3 <= end; at += 2 + readUint16(bytes, at)) {
    const unitEnd = at + 2 + readUint16(bytes, at);
    if (((bytes[at + 2] as number) & 0x1f) === NAL_SEQUENCE_PARAMETERS) {
      return heightOf(bytes, at + 3, Math.min(unitEnd, end));
    }
  }
  return -1;
}

function heightOf(bytes: Uint8Array, start: number, end: number): number {
  bits.begin(plain, 0, removeEscapes(bytes, start, end));
  const profile = bits.read(8);
  bits.read(16); // Constraint flags and level.
  bits.readExpGolomb();
  const chromaFormat = HIGH_PROFILES.has(profile) ? readHighProfile() : 1;
  if (chromaFormat < 0) return -1;
  bits.readExpGolomb(); // log2_max_frame_num_minus4
  skipPictureOrder();
  bits.readExpGolomb(); // max_num_ref_frames
  bits.read(1);
  bits.readExpGolomb(); // Width.
  const mapUnits = bits.readExpGolomb() + 1;
  const fields = bits.readFlag() ? 1 : 2;
  if (fields === 2) bits.read(1);
  bits.read(1);
  let height = 16 * fields * mapUnits;
  if (bits.readFlag()) {
    bits.readExpGolomb();
    bits.readExpGolomb();
    height -= (chromaFormat === 1 ? 2 : 1) * fields * (bits.readExpGolomb() + bits.readExpGolomb());
  }
  return bits.isOverrun || height <= 0 || height > 65_536 ? -1 : height;
}

/** chroma_format_idc; −1 with scaling lists. */
function readHighProfile(): number {
  const chromaFormat = bits.readExpGolomb();
  if (chromaFormat === 3) bits.read(1);
  bits.readExpGolomb();
  bits.readExpGolomb();
  bits.read(1);
  return bits.readFlag() ? -1 : chromaFormat;
}

function skipPictureOrder(): void {
  const type = bits.readExpGolomb();
  if (type === 0) bits.readExpGolomb();
  if (type !== 1) return;
  bits.read(1);
  bits.readExpGolomb();
  bits.readExpGolomb();
  const cycle = bits.readExpGolomb();
  for (let i = 0; i < cycle && !bits.isOverrun; i++) bits.readExpGolomb();
}

/** Copies to `plain` without emulation prevention bytes (section 7.4.1). Returns the size. */
function removeEscapes(bytes: Uint8Array, start: number, end: number): number {
  let size = 0;
  let zeros = 0;
  for (let at = start; at < end && size < MAX_BYTES; at++) {
    const byte = bytes[at] as number;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    plain[size++] = byte;
  }
  return size;
}
