/**
 * The dependency descriptor (RTP Payload Format For AV1 1.0, appendix A): which frame a packet is of, to which decode
 * targets the frame belongs, and on which frames it depends. Most packets carry three bytes; the first packet of a key
 * frame brings the structure that the others refer to.
 */
import { BitReader } from './bit-reader.ts';
import { readUint16 } from './bytes.ts';
import { type DependencyStructure, Dti, MAX_DECODE_TARGETS, parseDependencyStructure } from './dependency-structure.ts';

/** Fields that are always there (A.8.1). */
const MANDATORY_BYTES = 3;
/** An extension of 255 bytes holds no more custom differences, at 6 bits each. */
const MAX_FRAME_DIFFS = 340;

/** One object is reused, so its fields hold until the next packet. Bit n of a mask stands for decode target n. */
export class DependencyDescriptor {
  startOfFrame = false;
  endOfFrame = false;
  /** 0..63. */
  templateId = 0;
  /** 0..65535. */
  frameNumber = 0;
  /** Whether the packet brings a structure. */
  hasStructure = false;
  /** What the fields below follow; undefined when it is not known, and then they say nothing. */
  structure: DependencyStructure | undefined;
  spatial = 0;
  temporal = 0;
  present = 0;
  switches = 0;
  /** Differences to the frame numbers that the frame depends on, 1..4096; the first `frameDiffCount` hold. */
  readonly frameDiffs = new Uint16Array(MAX_FRAME_DIFFS);
  frameDiffCount = 0;
  /** By chain: difference to the chain's previous frame, 0..255; 0: the frame starts it. */
  readonly chainDiffs = new Uint8Array(MAX_DECODE_TARGETS);
  /** Whether the packet says which decode targets are there from now on, and what it says. */
  hasActiveTargets = false;
  activeTargets = 0;
}

const bits = new BitReader();

/**
 * Reads the descriptor of `size` bytes at `offset`. `known` is the stream's structure so far; one that the packet
 * brings is read into `spare`, and is `out.structure` then. False when the descriptor is truncated or contradicts
 * itself. A frame of a structure that is not known (its key frame got lost) is read as far as it goes. Allocates nothing.
 */
export function parseDependencyDescriptor(
  bytes: Uint8Array,
  offset: number,
  size: number,
  known: DependencyStructure | undefined,
  spare: DependencyStructure,
  out: DependencyDescriptor,
): boolean {
  if (size < MANDATORY_BYTES) return false;
  const first = bytes[offset] as number;
  out.startOfFrame = (first & 0x80) !== 0;
  out.endOfFrame = (first & 0x40) !== 0;
  out.templateId = first & 0x3f;
  out.frameNumber = readUint16(bytes, offset + 1);
  out.hasStructure = false;
  out.hasActiveTargets = false;
  // A template that is not there is of a structure that came with a packet we missed.
  out.structure = known !== undefined && templateOf(known, out) >= 0 ? known : undefined;
  let flags = 0;
  bits.begin(bytes, offset + MANDATORY_BYTES, size - MANDATORY_BYTES);
  if (size > MANDATORY_BYTES) {
    flags = bits.read(5);
    if (!parseExtended(flags, spare, out)) return false;
  }
  return parseFrame(flags & 0x07, out);
}

/** Structure and active decode targets (A.8.2, extended_descriptor_fields). */
function parseExtended(flags: number, spare: DependencyStructure, out: DependencyDescriptor): boolean {
  out.hasStructure = (flags & 0x10) !== 0;
  out.hasActiveTargets = (flags & 0x08) !== 0;
  if (out.hasStructure) {
    out.structure = spare;
    if (!parseDependencyStructure(bits, spare) || templateOf(spare, out) < 0) return false;
  }
  if (out.hasActiveTargets && out.structure !== undefined) {
    out.activeTargets = bits.read(out.structure.decodeTargetCount) | 0;
  }
  return true;
}

/** Which of the structure's templates the frame follows; −1 when it has none such. */
function templateOf({ templateIdOffset, templateCount }: DependencyStructure, { templateId }: DependencyDescriptor) {
  const template = (templateId + 64 - templateIdOffset) & 63;
  return template < templateCount ? template : -1;
}

/** What the template says, and what the packet says instead (A.8.2, frame_dependency_definition). */
function parseFrame(custom: number, out: DependencyDescriptor): boolean {
  const { structure } = out;
  if (structure === undefined) return true;
  const template = templateOf(structure, out);
  out.spatial = structure.spatial[template] as number;
  out.temporal = structure.temporal[template] as number;
  if ((custom & 0x04) !== 0) parseIndications(structure, out);
  else copyIndications(structure, template, out);
  if ((custom & 0x02) !== 0) parseFrameDiffs(out);
  else copyFrameDiffs(structure, template, out);
  for (let chain = 0; chain < structure.chainCount; chain++) {
    out.chainDiffs[chain] =
      (custom & 0x01) !== 0 ? bits.read(8) : (structure.chainDiffs[template * MAX_DECODE_TARGETS + chain] as number);
  }
  return !bits.isOverrun;
}

function parseIndications(structure: DependencyStructure, out: DependencyDescriptor): void {
  out.present = 0;
  out.switches = 0;
  for (let target = 0; target < structure.decodeTargetCount; target++) {
    const dti = bits.read(2);
    if (dti !== Dti.notPresent) out.present |= 1 << target;
    if (dti === Dti.switch) out.switches |= 1 << target;
  }
}

function copyIndications(structure: DependencyStructure, template: number, out: DependencyDescriptor): void {
  out.present = structure.present[template] as number;
  out.switches = structure.switches[template] as number;
}

function parseFrameDiffs(out: DependencyDescriptor): void {
  out.frameDiffCount = 0;
  for (let size = bits.read(2); size > 0 && !bits.isOverrun; size = bits.read(2)) {
    if (out.frameDiffCount < MAX_FRAME_DIFFS) out.frameDiffs[out.frameDiffCount++] = bits.read(4 * size) + 1;
  }
}

function copyFrameDiffs(structure: DependencyStructure, template: number, out: DependencyDescriptor): void {
  const start = structure.frameDiffStarts[template] as number;
  const end = structure.frameDiffStarts[template + 1] as number;
  out.frameDiffCount = end - start;
  for (let i = start; i < end; i++) out.frameDiffs[i - start] = structure.frameDiffs[i] as number;
}
