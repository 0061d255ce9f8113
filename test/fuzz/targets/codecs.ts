/** Payloads of the four video codecs: `isKeyframe`, and the descriptors of VP8 and VP9. */
import type { CodecName } from '../../../mmr/media/negotiated.ts';
import { isKeyframe } from '../../../mmr/media/rtp/codec/keyframe.ts';
import { parseVp8Descriptor, Vp8Descriptor } from '../../../mmr/media/rtp/codec/vp8-descriptor.ts';
import { parseVp9Descriptor, Vp9Descriptor } from '../../../mmr/media/rtp/codec/vp9-descriptor.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';

type Describe = (bytes: Uint8Array, offset: number, size: number) => unknown;

export const codecTargets: readonly FuzzTarget[] = [
  codecTarget('VP8', describeVp8),
  codecTarget('VP9', describeVp9),
  codecTarget('H264', () => undefined),
  codecTarget('AV1', () => undefined),
];

function codecTarget(codec: CodecName, describe: Describe): FuzzTarget {
  return {
    name: codec.toLowerCase(),
    runs: 50_000,
    maxSize: 1500,
    // The descriptor twice, a few of its bytes more than once.
    readsPerByte: 6,
    run(bytes, offset, size) {
      const keyframe = isKeyframe(codec, bytes, offset, size);
      hold(typeof keyframe === 'boolean', 'a plain answer');
      hold(!keyframe || size >= 2, 'no key frame fits into one byte');
      const description = describe(bytes, offset, size);
      hold(!keyframe || description !== null, 'no key frame behind a malformed descriptor');
      return [keyframe, description];
    },
  };
}

function describeVp8(bytes: Uint8Array, offset: number, size: number): Vp8Descriptor | null {
  const descriptor = new Vp8Descriptor();
  if (!parseVp8Descriptor(bytes, offset, size, descriptor)) return null;
  hold(descriptor.size >= 1 && descriptor.size <= 6 && descriptor.size < size, 'descriptor leaves a payload');
  hold(isUint(descriptor.partition, 3), 'partition');
  checkPictureId(descriptor.pictureId, descriptor.pictureIdBits);
  hold(isOptionalUint(descriptor.temporalLayerZeroIndex, 8), 'TL0PICIDX');
  hold(isOptionalUint(descriptor.temporalLayer, 2), 'temporal layer');
  hold(isOptionalUint(descriptor.keyIndex, 5), 'key index');
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
  return descriptor;
}

function checkPictureId(pictureId: number, bits: number): void {
  hold(bits === 0 ? pictureId === -1 : isUint(pictureId, bits), 'picture id');
}

function isOptionalUint(value: number, bits: number): boolean {
  return value === -1 || isUint(value, bits);
}
