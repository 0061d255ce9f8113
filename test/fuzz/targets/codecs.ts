/** Payloads of the four video codecs: descriptors, starts of key frames, heights. */
import { isAv1Keyframe } from '../../../mmr/media/rtp/codec/av1-aggregation.ts';
import { readAv1Height } from '../../../mmr/media/rtp/codec/av1-sequence-header.ts';
import { isH264Keyframe } from '../../../mmr/media/rtp/codec/h264-payload.ts';
import { readH264Height } from '../../../mmr/media/rtp/codec/h264-sequence-parameters.ts';
import { parseVp8Descriptor, readVp8Height, Vp8Descriptor } from '../../../mmr/media/rtp/codec/vp8-descriptor.ts';
import { parseVp9Descriptor, Vp9Descriptor } from '../../../mmr/media/rtp/codec/vp9-descriptor.ts';
import { parseVp9Structure, Vp9Structure } from '../../../mmr/media/rtp/codec/vp9-structure.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';

export const codecTargets: readonly FuzzTarget[] = [
  codecTarget('vp8', describeVp8),
  codecTarget('vp9', describeVp9),
  codecTarget('h264', describeH264),
  codecTarget('av1', describeAv1),
];

function codecTarget(name: string, run: FuzzTarget['run']): FuzzTarget {
  // Parameter sets are read bit by bit, a few bytes of a descriptor more than once.
  return { name, runs: 50_000, maxSize: 1500, readsPerByte: 24, run };
}

function describeVp8(bytes: Uint8Array, offset: number, size: number): Vp8Descriptor | null {
  const descriptor = new Vp8Descriptor();
  if (!parseVp8Descriptor(bytes, offset, size, descriptor)) return null;
  hold(descriptor.size >= 1 && descriptor.size <= 6 && descriptor.size < size, 'descriptor leaves a payload');
  hold(isUint(descriptor.partition, 3), 'partition');
  checkPictureId(descriptor.pictureId, descriptor.pictureIdBits);
  hold(isOptionalUint(descriptor.temporalLayerZeroIndex, 8), 'TL0PICIDX');
  hold(isOptionalUint(descriptor.temporalLayer, 2), 'temporal layer');
  hold(isHeight(readVp8Height(bytes, offset + descriptor.size, offset + size)), 'height');
  return descriptor;
}

function describeVp9(bytes: Uint8Array, offset: number, size: number): Vp9Descriptor | null {
  const descriptor = new Vp9Descriptor();
  if (!parseVp9Descriptor(bytes, offset, size, descriptor)) return null;
  hold(descriptor.size >= 1 && descriptor.size < size, 'descriptor leaves a payload');
  checkPictureId(descriptor.pictureId, descriptor.pictureIdBits);
  hold(isOptionalUint(descriptor.temporalLayerZeroIndex, 8), 'TL0PICIDX');
  hold(isOptionalUint(descriptor.temporalLayer, 3), 'temporal layer');
  hold(isOptionalUint(descriptor.spatialLayer, 3), 'spatial layer');
  hold(descriptor.referenceCount <= 3, 'references');
  if (descriptor.structureOffset >= 0) {
    const structure = new Vp9Structure();
    const end = offset + descriptor.size;
    hold(parseVp9Structure(bytes, offset + descriptor.structureOffset, end, structure), 'the structure fits');
    hold(structure.spatialLayers <= 8 && structure.temporalLayers <= 8, 'layers of the structure');
  }
  return descriptor;
}

function describeH264(bytes: Uint8Array, offset: number, size: number): unknown {
  const isKeyframe = isH264Keyframe(bytes, offset, size);
  const height = readH264Height(bytes, offset, size);
  hold(!isKeyframe || size >= 2, 'no key frame fits into one byte');
  hold(isHeight(height), 'height');
  return [isKeyframe, height];
}

function describeAv1(bytes: Uint8Array, offset: number, size: number): unknown {
  const isKeyframe = isAv1Keyframe(bytes, offset, size);
  hold(!isKeyframe || size >= 2, 'no key frame fits into one byte');
  if (!isKeyframe) return null;
  const height = readAv1Height(bytes, offset, size);
  hold(isHeight(height), 'height');
  return height;
}

/** In pixels; −1: none. */
function isHeight(height: number): boolean {
  return height === -1 || (height >= 1 && height <= 65_536);
}

function checkPictureId(pictureId: number, bits: number): void {
  hold(bits === 0 ? pictureId === -1 : isUint(pictureId, bits), 'picture id');
}

function isOptionalUint(value: number, bits: number): boolean {
  return value === -1 || isUint(value, bits);
}
