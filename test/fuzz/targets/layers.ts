/**
 * Streams of packets through the layer readers and selectors. Input: a byte for the codec, then packets: a byte of flags
 * (marker, new picture, an old one, a dependency descriptor), a byte of sizes (descriptor, payload), and so many bytes.
 */
import { incoming, LAB_EXTENSIONS, type LabPacket } from '../../../mmr/media/forward/layers/layer-test-lab.ts';
import { makeLayerReader } from '../../../mmr/media/forward/layers/make-layer-reader.ts';
import { MAX_REWRITTEN_BYTES, writeDescriptor } from '../../../mmr/media/forward/layers/write-descriptor.ts';
import type { CodecName } from '../../../mmr/media/negotiated.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';

const CODECS: readonly CodecName[] = ['VP8', 'VP9', 'H264', 'AV1'];
const FLAG = { marker: 1, nextPicture: 2, late: 4, descriptor: 8 } as const;
/** Each includes the one before. */
const TARGETS = [
  { spatial: 0, temporal: 0 },
  { spatial: 0, temporal: 2 },
  { spatial: 1, temporal: 2 },
  { spatial: 7, temporal: 7 },
] as const;

export const layersTarget: FuzzTarget = {
  name: 'layers',
  runs: 10_000,
  maxSize: 1024,
  readsPerByte: undefined,
  run(bytes, offset, size) {
    const codec = CODECS[size === 0 ? 0 : (bytes[offset] as number) & 3] as CodecName;
    const reader = makeLayerReader(codec);
    const selectors = TARGETS.map((target) => reader.selector(target));
    return readPackets(bytes.subarray(offset + 1, offset + Math.max(1, size))).map((lab) => {
      const packet = incoming(lab);
      if (!reader.read(packet, LAB_EXTENSIONS)) return null;
      const { frame } = packet;
      hold(reader.spatialLayers >= 1 && reader.spatialLayers <= 8, 'spatial layers');
      hold(reader.temporalLayers >= 1 && reader.temporalLayers <= 8, 'temporal layers');
      hold(frame.spatial <= 7 && frame.temporal <= 7, 'layer');
      hold(!frame.isKeyframe || (frame.startsFrame && frame.startsPicture), 'a key frame starts with its start');
      hold(!frame.startsPicture || frame.startsFrame, 'a picture starts with a frame');
      hold(frame.pictureIdOffset >= 0 === frame.pictureIdBits > 0, 'place of the picture id');
      const written = writeDescriptor(packet, frame, 1, 1, new Uint8Array(MAX_REWRITTEN_BYTES), 0);
      hold(written <= MAX_REWRITTEN_BYTES && written <= packet.header.payloadSize, 'rewritten bytes are the payload’s');
      const kept = selectors.map((selector) => selector.keeps(frame));
      const entered = selectors.map((selector, at) => {
        hold(!selector.canEnter(frame, undefined) || frame.isKeyframe, 'whoever has nothing begins with a key frame');
        hold(!selector.canEnter(frame, TARGETS[3]) || frame.startsPicture, 'between pictures');
        hold(!frame.startsPicture || at === 3 || selector.canEnter(frame, TARGETS[3]), 'down never waits');
        return selector.canEnter(frame, TARGETS[0]);
      });
      for (let at = 1; at < kept.length; at++)
        hold(kept[at] === true || kept[at - 1] === false, 'higher targets keep more');
      // A frame may belong to no decode target at all.
      hold(kept[3] === true || frame.decodeTargets === 0, 'everything is kept for who wants everything');
      return [kept, entered, frame.isKeyframe, selectors[0]?.activeDecodeTargets];
    });
  },
};

function readPackets(bytes: Uint8Array): LabPacket[] {
  const packets: LabPacket[] = [];
  let picture = 10;
  for (let at = 0; at + 2 < bytes.length; ) {
    const flags = bytes[at++] as number;
    const sizes = bytes[at++] as number;
    const descriptorSize = (flags & FLAG.descriptor) !== 0 ? (sizes & 0x07) + 1 + ((flags & 0x80) !== 0 ? 80 : 0) : 0;
    const payloadAt = at + descriptorSize;
    const end = payloadAt + (sizes >>> 3) + 1;
    if ((flags & FLAG.nextPicture) !== 0) picture++;
    const isLate = (flags & FLAG.late) !== 0;
    const descriptor = descriptorSize === 0 ? undefined : bytes.slice(at, payloadAt);
    const payload = bytes.slice(payloadAt, end);
    at = end;
    if (payload.length === 0) break;
    packets.push({
      index: isLate ? packets.length : packets.length + 100,
      timestamp: (isLate ? picture - 3 : picture) * 3000,
      marker: (flags & FLAG.marker) !== 0,
      payload,
      descriptor: descriptor?.length === 0 ? undefined : descriptor,
    });
  }
  return packets;
}
