import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Vp8RtpPayload } from 'werift-rtp';
import { fromHex } from '../from-hex.ts';
import { parseVp8Descriptor, readVp8Height, Vp8Descriptor } from './vp8-descriptor.ts';

function parse(payload: Uint8Array): Vp8Descriptor | undefined {
  const descriptor = new Vp8Descriptor();
  return parseVp8Descriptor(payload, 0, payload.length, descriptor) ? descriptor : undefined;
}

describe('descriptor', () => {
  test.each<[string, string, Partial<Vp8Descriptor>]>([
    ['minimal', '10 00', { size: 1, startOfPartition: true, partition: 0, pictureId: -1, temporalLayer: -1 }],
    ['partition 7, not a reference', '27 00', { nonReference: true, startOfPartition: false, partition: 7 }],
    ['extension byte with nothing in it', '90 00 00', { size: 2 }],
    ['7-bit picture id', '90 80 7f 00', { size: 3, pictureId: 127, pictureIdBits: 7 }],
    ['15-bit picture id', '90 80 ffff 00', { size: 4, pictureId: 32767, pictureIdBits: 15 }],
    ['TL0PICIDX', '90 40 ff 00', { size: 3, temporalLayerZeroIndex: 255 }],
    ['TID and Y', '90 20 a0 00', { size: 3, temporalLayer: 2, layerSync: true }],
    ['KEYIDX', '90 10 ff 00', { size: 3, temporalLayer: -1, layerSync: false }],
    [
      'everything',
      '90 f0 8123 45 a7 00',
      {
        size: 6,
        pictureId: 0x123,
        temporalLayerZeroIndex: 0x45,
        temporalLayer: 2,
        layerSync: true,
      },
    ],
  ])('%s', (_, payload, expected) => {
    expect(parse(fromHex(payload))).toMatchObject(expected);
  });

  test('every cut of a full descriptor is refused', () => {
    const whole = fromHex('90 f0 8123 45 a7 00');
    for (let size = 0; size < whole.length; size++) expect(parse(whole.slice(0, size))).toBeUndefined();
    expect(parse(whole)).toBeDefined();
  });
});

describe('height of a key frame', () => {
  test.each([
    ['640 x 360', '50 0000 9d012a 8002 6801', 360],
    ['scaled: the upper bits are no part of it', '50 0000 9d012a 8042 68c1', 360],
    ['16383', '50 0000 9d012a ff3f ff3f', 16_383],
    ['cut', '50 0000 9d012a 8002 68', -1],
    ['an inter frame', '51 0000 9d012a 8002 6801', -1],
    ['another start code', '50 0000 9d012b 8002 6801', -1],
    ['none', '50 0000 9d012a 8002 0000', -1],
  ])('%s', (_, frame, height) => {
    const bytes = fromHex(`ff ${frame}`);
    expect(readVp8Height(bytes, 1, bytes.length)).toBe(height);
  });
});

test('agrees with werift-rtp', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 9, maxLength: 9 }), (payload) => {
      // werift-rtp takes the TID/KEYIDX byte for present with L instead of T; keep to descriptors where both agree.
      payload[1] = (payload[1] as number) & ((payload[1] as number) & 0x40 ? 0xff : 0xdf);
      if ((payload[1] as number) & 0x40) payload[1] = (payload[1] as number) | 0x20;
      const theirs = Vp8RtpPayload.deSerialize(Buffer.from(payload));
      const ours = parse(payload);
      expect(ours?.size).toBe(payload.length - theirs.payload.length);
      expect(ours?.startOfPartition).toBe(theirs.sBit === 1);
      expect(ours?.partition).toBe(theirs.pid);
      expect(ours?.pictureId).toBe(theirs.pictureId ?? -1);
    }),
    { seed: 20260105, numRuns: 2000 },
  );
});
