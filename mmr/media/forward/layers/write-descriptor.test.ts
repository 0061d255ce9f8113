import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../rtp/from-hex.ts';
import { incoming, LAB_EXTENSIONS } from './layer-test-lab.ts';
import { makeLayerReader } from './make-layer-reader.ts';
import { MAX_REWRITTEN_BYTES, rewrittenSize, writeDescriptor } from './write-descriptor.ts';

function rewrite(codec: 'VP8' | 'VP9', payload: Uint8Array, pictureId: number, tl0: number): Uint8Array | undefined {
  const packet = incoming({ index: 1, timestamp: 0, marker: true, payload });
  if (!makeLayerReader(codec).read(packet, LAB_EXTENSIONS)) return undefined;
  const out = new Uint8Array(3 + MAX_REWRITTEN_BYTES + 1).fill(0xee);
  const size = writeDescriptor(packet, packet.frame, pictureId, tl0, out, 3);
  expect(size).toBe(rewrittenSize(packet.frame));
  expect([...out.subarray(0, 3), ...out.subarray(3 + size)].every((byte) => byte === 0xee)).toBe(true);
  return Uint8Array.from([...out.subarray(3, 3 + size), ...payload.subarray(size)]);
}

describe('what stands where', () => {
  test.each([
    ['VP8', '90 e0 8123 45 20 51', '90 e0 ff01 fe 20 51'],
    ['VP8', '90 e0 23 45 20 51', '90 e0 01 fe 20 51'],
    ['VP8', '90 80 8123 51', '90 80 ff01 51'],
    ['VP8', '90 40 45 51', '90 40 fe 51'],
    ['VP8', '90 20 20 51', '90 20 20 51'],
    ['VP8', '10 51', '10 51'],
    ['VP9', 'a8 8123 10 45 00', 'a8 ff01 10 fe 00'],
    ['VP9', 'b8 8123 10 45 00', 'b8 ff01 10 45 00'],
    ['VP9', '88 23 00', '88 01 00'],
    ['VP9', '28 10 45 00', '28 10 fe 00'],
    ['VP9', '08 00', '08 00'],
  ] as const)('%s %s', (codec, payload, expected) => {
    expect(rewrite(codec, fromHex(payload), 0x7f01, 0x1fe)).toEqual(fromHex(expected));
  });
});

test.each(['VP8', 'VP9'] as const)(
  '%s: the numbers as they were leave the payload as it was, others read back',
  (codec) => {
    const payloads = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(payloads, fc.nat({ max: 0x7fff }), fc.nat({ max: 0xff }), (payload, pictureId, tl0) => {
        const packet = incoming({ index: 1, timestamp: 0, marker: true, payload });
        if (!makeLayerReader(codec).read(packet, LAB_EXTENSIONS)) return;
        const { frame } = packet;
        expect(rewrite(codec, payload, frame.pictureId, frame.temporalLayerZeroIndex)).toEqual(payload);
        const changed = rewrite(codec, payload, pictureId, tl0) as Uint8Array;
        const again = incoming({ index: 1, timestamp: 0, marker: true, payload: changed });
        expect(makeLayerReader(codec).read(again, LAB_EXTENSIONS)).toBe(true);
        const mask = 2 ** frame.pictureIdBits - 1;
        expect(again.frame).toEqual({
          ...frame,
          pictureId: frame.pictureIdBits === 0 ? -1 : pictureId & mask,
          temporalLayerZeroIndex: frame.temporalLayerZeroIndexOffset < 0 ? -1 : tl0,
        });
      }),
      { seed: 20261121, numRuns: 1000 },
    );
  },
);
