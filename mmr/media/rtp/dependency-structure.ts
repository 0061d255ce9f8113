/**
 * The template dependency structure of the dependency descriptor (RTP Payload Format For AV1 1.0, appendix A.8.3):
 * what a publisher says once, with a key frame, about the frames that follow.
 */
import type { BitReader } from './bit-reader.ts';

/** Limits of the syntax: template ids have 6 bits, decode targets are counted by 5 bits, chains not above them. */
const MAX_TEMPLATES = 64;
export const MAX_DECODE_TARGETS = 32;
/** AV1 layer ids have 2 and 3 bits (AV1 specification section 5.3.3); the descriptor's own syntax knows no limit. */
const MAX_SPATIAL = 4;
const MAX_TEMPORAL = 8;
/** Of all templates together: an extension of 255 bytes holds no more, at 5 bits each. */
const MAX_FRAME_DIFFS = 408;

/** Decode target indications that are told apart (A.8.2); the others are "discardable" (1) and "required" (3). */
export const Dti = { notPresent: 0, switch: 2 } as const;

/** Bit n of a mask stands for decode target n. One object is reused for the structures of a stream. */
export class DependencyStructure {
  templateIdOffset = 0;
  templateCount = 0;
  readonly spatial = new Uint8Array(MAX_TEMPLATES);
  readonly temporal = new Uint8Array(MAX_TEMPLATES);
  /** 1..32. */
  decodeTargetCount = 0;
  /** By template: to which decode targets its frames belong, and to which a receiver may switch with one. */
  readonly present = new Int32Array(MAX_TEMPLATES);
  readonly switches = new Int32Array(MAX_TEMPLATES);
  /** Frame number differences (1..16) of template n: `frameDiffs` from `frameDiffStarts[n]` up to that of n + 1. */
  readonly frameDiffs = new Uint8Array(MAX_FRAME_DIFFS);
  readonly frameDiffStarts = new Uint16Array(MAX_TEMPLATES + 1);
  /** 0..32. */
  chainCount = 0;
  /** By decode target: the chain that protects it. */
  readonly protectedBy = new Uint8Array(MAX_DECODE_TARGETS);
  /** Of template n and chain c, at n * 32 + c: difference to the chain's previous frame; 0: the frame starts it. */
  readonly chainDiffs = new Uint8Array(MAX_TEMPLATES * MAX_DECODE_TARGETS);
  /** By decode target: its highest layers. */
  readonly targetSpatial = new Uint8Array(MAX_DECODE_TARGETS);
  readonly targetTemporal = new Uint8Array(MAX_DECODE_TARGETS);
  /** Layers of all templates. */
  spatialLayers = 1;
  temporalLayers = 1;
  /** By spatial layer, in pixels, 1..65536; 0 when not told. */
  readonly heights = new Uint32Array(MAX_SPATIAL);

  /** All decode targets. */
  get allTargets(): number {
    return this.decodeTargetCount === 32 ? -1 : (1 << this.decodeTargetCount) - 1;
  }
}

/** Reads a structure at the reader's place. False when it is truncated or beyond the limits; `out` is lost then. */
export function parseDependencyStructure(bits: BitReader, out: DependencyStructure): boolean {
  out.templateIdOffset = bits.read(6);
  out.decodeTargetCount = bits.read(5) + 1;
  if (!parseLayers(bits, out)) return false;
  parseIndications(bits, out);
  if (!parseFrameDiffs(bits, out)) return false;
  parseChains(bits, out);
  if (bits.isOverrun) return false;
  deriveTargetLayers(out);
  parseResolutions(bits, out);
  return !bits.isOverrun;
}

function parseLayers(bits: BitReader, out: DependencyStructure): boolean {
  let spatial = 0;
  let temporal = 0;
  out.templateCount = 0;
  out.temporalLayers = 1;
  for (;;) {
    if (out.templateCount === MAX_TEMPLATES || spatial >= MAX_SPATIAL || temporal >= MAX_TEMPORAL) return false;
    out.spatial[out.templateCount] = spatial;
    out.temporal[out.templateCount] = temporal;
    out.templateCount++;
    if (temporal >= out.temporalLayers) out.temporalLayers = temporal + 1;
    const next = bits.read(2);
    if (bits.isOverrun) return false;
    if (next === 3) break;
    if (next === 1) temporal++;
    if (next === 2) {
      temporal = 0;
      spatial++;
    }
  }
  out.spatialLayers = spatial + 1;
  return true;
}

function parseIndications(bits: BitReader, out: DependencyStructure): void {
  for (let template = 0; template < out.templateCount && !bits.isOverrun; template++) {
    let present = 0;
    let switches = 0;
    for (let target = 0; target < out.decodeTargetCount; target++) {
      const dti = bits.read(2);
      if (dti !== Dti.notPresent) present |= 1 << target;
      if (dti === Dti.switch) switches |= 1 << target;
    }
    out.present[template] = present;
    out.switches[template] = switches;
  }
}

function parseFrameDiffs(bits: BitReader, out: DependencyStructure): boolean {
  let count = 0;
  for (let template = 0; template < out.templateCount; template++) {
    out.frameDiffStarts[template] = count;
    while (bits.readFlag()) {
      if (count === MAX_FRAME_DIFFS) return false;
      out.frameDiffs[count++] = bits.read(4) + 1;
    }
  }
  out.frameDiffStarts[out.templateCount] = count;
  return true;
}

function parseChains(bits: BitReader, out: DependencyStructure): void {
  out.chainCount = bits.readNonSymmetric(out.decodeTargetCount + 1);
  if (out.chainCount === 0) return;
  for (let target = 0; target < out.decodeTargetCount; target++) {
    out.protectedBy[target] = bits.readNonSymmetric(out.chainCount);
  }
  for (let template = 0; template < out.templateCount && !bits.isOverrun; template++) {
    for (let chain = 0; chain < out.chainCount; chain++) {
      out.chainDiffs[template * MAX_DECODE_TARGETS + chain] = bits.read(4);
    }
  }
}

/** A decode target is as high as the highest of its frames (A.8.3.6). */
function deriveTargetLayers(out: DependencyStructure): void {
  for (let target = 0; target < out.decodeTargetCount; target++) {
    let spatial = 0;
    let temporal = 0;
    for (let template = 0; template < out.templateCount; template++) {
      if (((out.present[template] as number) & (1 << target)) === 0) continue;
      spatial = Math.max(spatial, out.spatial[template] as number);
      temporal = Math.max(temporal, out.temporal[template] as number);
    }
    out.targetSpatial[target] = spatial;
    out.targetTemporal[target] = temporal;
  }
}

function parseResolutions(bits: BitReader, out: DependencyStructure): void {
  const areTold = bits.readFlag();
  for (let spatial = 0; spatial < MAX_SPATIAL; spatial++) {
    const isTold = areTold && spatial < out.spatialLayers;
    if (isTold) bits.read(16); // Width.
    out.heights[spatial] = isTold ? bits.read(16) + 1 : 0;
  }
}
