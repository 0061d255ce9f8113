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
  const head = 8 * MANDATORY_BYTES + 5;
  const end = 8 * size;
  let flags = 0;
  let structureEnd = head;
  let rest = end;
  if (size > MANDATORY_BYTES) {
    reader.begin(bytes, offset, size);
    reader.read(8 * MANDATORY_BYTES);
    flags = reader.read(5);
    if ((flags & HAS_STRUCTURE) !== 0) parseDependencyStructure(reader, scratch);
    structureEnd = reader.position;
    if ((flags & HAS_ACTIVE_TARGETS) !== 0) reader.read(count);
    rest = reader.position;
  }
  const written = (structureEnd + count + (end - rest) + 7) >>> 3;
  if (rest > end || written > MAX_BYTES) return copy(bytes, offset, size, out, at);

  copy(bytes, offset, MANDATORY_BYTES, out, at);
  for (let i = MANDATORY_BYTES; i < written; i++) out[at + i] = 0;
  putBits(flags | HAS_ACTIVE_TARGETS, 5, out, at, 8 * MANDATORY_BYTES);
  moveBits(bytes, offset, head, structureEnd - head, out, at, head);
  putBits(targets, count, out, at, structureEnd);
  moveBits(bytes, offset, rest, end - rest, out, at, structureEnd + count);
  return written;
}

function copy(bytes: Uint8Array, offset: number, size: number, out: Uint8Array, at: number): number {
  for (let i = 0; i < size; i++) out[at + i] = bytes[offset + i] as number;
  return size;
}

/** Sets bits `to` and following of the zeroed bytes at `at` to the low `count` bits of `value`. */
function putBits(value: number, count: number, out: Uint8Array, at: number, to: number): void {
  for (let i = 0; i < count; i++) if (((value >>> (count - 1 - i)) & 1) !== 0) setBit(out, at, to + i);
}

/** Copies `count` bits, from bit `from` of the bytes at `offset` to bit `to` of the zeroed bytes at `at`. */
function moveBits(
  bytes: Uint8Array,
  offset: number,
  from: number,
  count: number,
  out: Uint8Array,
  at: number,
  to: number,
): void {
  for (let i = 0; i < count; i++) {
    const byte = bytes[offset + ((from + i) >>> 3)] as number;
    if ((byte & (0x80 >>> ((from + i) & 7))) !== 0) setBit(out, at, to + i);
  }
}

function setBit(out: Uint8Array, at: number, bit: number): void {
  out[at + (bit >>> 3)] = (out[at + (bit >>> 3)] as number) | (0x80 >>> (bit & 7));
}
