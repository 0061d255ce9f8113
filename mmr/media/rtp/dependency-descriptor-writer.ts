/** Writes active_decode_targets_bitmask into a dependency descriptor (RTP Payload Format For AV1 1.0, appendix A.4.4). */
import { BitReader } from './bit-reader.ts';
import { DependencyStructure, parseDependencyStructure } from './dependency-structure.ts';

const MANDATORY_BYTES = 3;
/** An extension's data, by the length byte of the two-byte form (RFC 8285 section 4.3). */
const MAX_BYTES = 255;
/** template_dependency_structure_present_flag and active_decode_targets_present_flag, of five flags. */
const HAS_STRUCTURE = 0x10;
const HAS_ACTIVE_TARGETS = 0x08;

const reader = new BitReader();
const scratch = new DependencyStructure();

/**
 * Copies the descriptor of `size` bytes at `offset` to `out` at `at`, telling the receiver which decode targets it
 * gets: bit n of `targets` is decode target n, of `count`. Only the first packet of a frame says so, others are copied
 * as they are. Returns the bytes written: up to 5 more than `size`, 255 at most. The frame number stays at bytes 1 and 2.
 * Precondition: the descriptor has been parsed, with success, and `count` is the number of decode targets of its structure.
 */
export function writeActiveDecodeTargets(
  bytes: Uint8Array,
  offset: number,
  size: number,
  count: number,
  targets: number,
  out: Uint8Array,
  at: number,
): number {
  if (((bytes[offset] as number) & 0x80) === 0) return copy(bytes, offset, size, out, at);
  const end = 8 * (offset + size);
  let flags = 0;
  reader.begin(bytes, offset + MANDATORY_BYTES, size - MANDATORY_BYTES);
  if (size > MANDATORY_BYTES) {
    flags = reader.read(5);
    if ((flags & HAS_STRUCTURE) !== 0) parseDependencyStructure(reader, scratch);
  }
  const structureEnd = size > MANDATORY_BYTES ? reader.position : end;
  if ((flags & HAS_ACTIVE_TARGETS) !== 0) reader.read(count);
  const rest = size > MANDATORY_BYTES ? reader.position : end;
  const head = 8 * MANDATORY_BYTES + 5;
  const structureBits = size > MANDATORY_BYTES ? structureEnd - 8 * offset - head : 0;
  const written = (head + structureBits + count + (end - rest) + 7) >>> 3;
  if (reader.isOverrun || written > MAX_BYTES) return copy(bytes, offset, size, out, at);

  copy(bytes, offset, MANDATORY_BYTES, out, at);
  for (let i = MANDATORY_BYTES; i < written; i++) out[at + i] = 0;
  let bit = putBits(out, 8 * (at + MANDATORY_BYTES), flags | HAS_ACTIVE_TARGETS, 5);
  bit = moveBits(bytes, 8 * offset + head, structureBits, out, bit);
  bit = putBits(out, bit, targets, count);
  moveBits(bytes, rest, end - rest, out, bit);
  return written;
}

function copy(bytes: Uint8Array, offset: number, size: number, out: Uint8Array, at: number): number {
  for (let i = 0; i < size; i++) out[at + i] = bytes[offset + i] as number;
  return size;
}

/** Sets the low `count` bits of `value` at bit `at` of zeroed bytes. Returns the bit behind them. */
function putBits(out: Uint8Array, at: number, value: number, count: number): number {
  for (let i = 0; i < count; i++) {
    if (((value >>> (count - 1 - i)) & 1) !== 0) {
      const bit = at + i;
      out[bit >>> 3] = (out[bit >>> 3] as number) | (0x80 >>> (bit & 7));
    }
  }
  return at + count;
}

/** Copies `count` bits from bit `from` of `bytes` to bit `to` of zeroed bytes. Returns the bit behind them. */
function moveBits(bytes: Uint8Array, from: number, count: number, out: Uint8Array, to: number): number {
  for (let i = 0; i < count; i++) {
    const bit = from + i;
    if (((bytes[bit >>> 3] as number) & (0x80 >>> (bit & 7))) !== 0) {
      out[(to + i) >>> 3] = (out[(to + i) >>> 3] as number) | (0x80 >>> ((to + i) & 7));
    }
  }
  return to + count;
}
