/** Frames cut into payloads and put together again; the router reads the same of each payload. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAv1Keyframe } from '../../../mmr/media/rtp/codec/av1-aggregation.ts';
import { parseVp8Descriptor, Vp8Descriptor } from '../../../mmr/media/rtp/codec/vp8-descriptor.ts';
import { parseVp9Descriptor, Vp9Descriptor } from '../../../mmr/media/rtp/codec/vp9-descriptor.ts';
import { fromHex } from '../../../mmr/media/rtp/from-hex.ts';
import { VP8_KEY_FRAME } from '../../headless/vp8-frames.ts';
import { AV1 } from './av1.ts';
import { packetizeVp8, VP8, type Vp8Frame } from './vp8.ts';
import { VP9 } from './vp9.ts';

const vp8Frames = fc.record({
  pictureId: fc.nat(0x7fff),
  baseIndex: fc.nat(255),
  temporal: fc.nat(2),
  isLayerSync: fc.boolean(),
  isDisposable: fc.boolean(),
});

describe('VP8', () => {
  test('any frame, in any number of packets, is the same again; the router reads what was meant', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        vp8Frames,
        fc.integer({ min: 8, max: 120 }),
        (frame, about, limit) => {
          const payloads = packetizeVp8(frame, about, limit);
          for (const [i, payload] of payloads.entries()) {
            expect(payload.length).toBeLessThanOrEqual(limit);
            const descriptor = new Vp8Descriptor();
            expect(parseVp8Descriptor(payload, 0, payload.length, descriptor)).toBe(true);
            expect(descriptor).toMatchObject({
              size: 6,
              startOfPartition: i === 0,
              partition: 0,
              nonReference: about.isDisposable,
              pictureId: about.pictureId,
              pictureIdBits: 15,
              temporalLayerZeroIndex: about.baseIndex,
              temporalLayer: about.temporal,
              layerSync: about.isLayerSync,
            });
            const { temporal, baseIndex } = about;
            const isKey = i === 0 && ((frame[0] ?? 1) & 1) === 0;
            expect(VP8.describe(payload)).toEqual({ startsFrame: i === 0, isKey, temporal, baseIndex });
          }
          expect(VP8.join(payloads)).toEqual(frame);
        },
      ),
      { seed: 20261122, numRuns: 500 },
    );
  });

  test('a key frame of Chromium is known as one', () => {
    const about: Vp8Frame = { pictureId: 1, baseIndex: 1, temporal: 0, isLayerSync: false, isDisposable: false };
    const [first, ...rest] = packetizeVp8(VP8_KEY_FRAME, about, 1000).map((payload) => VP8.describe(payload)?.isKey);
    expect([first, rest]).toEqual([true, [false, false]]);
  });

  test('descriptors of other senders: short picture ids, none at all, KEYIDX', () => {
    expect(VP8.describe(fromHex('10 00'))).toEqual({
      startsFrame: true,
      isKey: true,
      temporal: undefined,
      baseIndex: undefined,
    });
    expect(VP8.describe(fromHex('90 80 7f 01'))).toMatchObject({ startsFrame: true, isKey: false });
    expect(VP8.describe(fromHex('90 f0 8123 45 a7 00'))).toMatchObject({ temporal: 2, baseIndex: 0x45, isKey: true });
    expect(VP8.describe(fromHex('90 f0 8123 45 a7'))).toBeUndefined();
  });
});

describe('VP9', () => {
  test.each([
    ['non-flexible, key frame with a structure', '8a 8123 18 01 02 ff 10', '10'],
    ['non-flexible, layer 1', 'ae 8123 30 45 18 04 01 00 aa bb', undefined],
    ['flexible with two references', 'f8 8123 20 03 02 cc', 'cc'],
  ])('%s: as the router reads it', (_, hex, frame) => {
    const payload = fromHex(hex);
    const descriptor = new Vp9Descriptor();
    const isWell = parseVp9Descriptor(payload, 0, payload.length, descriptor);
    const info = VP9.describe(payload);
    expect(info !== undefined).toBe(isWell);
    if (info === undefined) return;
    expect(info.temporal ?? -1).toBe(descriptor.temporalLayer);
    expect(info.baseIndex ?? -1).toBe(descriptor.temporalLayerZeroIndex);
    expect(info.isKey).toBe(info.startsFrame && !descriptor.interPicturePredicted);
    const joined = VP9.join([payload]);
    expect(joined).toEqual(payload.slice(descriptor.size));
    if (frame !== undefined) expect(joined).toEqual(fromHex(frame));
  });

  test('reads the size of any descriptor as the router does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 24 }), (payload) => {
        const descriptor = new Vp9Descriptor();
        // The router refuses a fourth reference, which we take for the beginning of the frame.
        const isWell = parseVp9Descriptor(payload, 0, payload.length, descriptor);
        if (!isWell) return;
        expect(VP9.join([payload])?.length).toBe(payload.length - descriptor.size);
        expect(VP9.describe(payload)?.startsFrame).toBe(descriptor.startOfFrame && descriptor.spatialLayer <= 0);
      }),
      { seed: 20261122, numRuns: 2000 },
    );
  });
});

describe('AV1', () => {
  test('elements get their sizes, fragments are put together, delimiters are left out', () => {
    // N, W = 2: a sequence header (type 1) of 3 bytes, and the beginning of a frame (type 6); Y.
    const first = fromHex('68 04 08 aa bb cc 30 01 02');
    // Z, W = 1: the rest of the frame.
    const second = fromHex('90 03 04');
    expect(AV1.describe(first)).toMatchObject({ startsFrame: true, isKey: true });
    expect(isAv1Keyframe(first, 0, first.length)).toBe(true);
    expect(AV1.describe(second)).toMatchObject({ startsFrame: false, isKey: false });
    expect(AV1.join([first, second])).toEqual(fromHex('0a 03 aa bb cc 32 04 01 02 03 04'));
    // W = 0: every element has a size; the temporal delimiter (type 2) goes.
    expect(AV1.join([fromHex('00 01 10 03 30 07 08')])).toEqual(fromHex('32 02 07 08'));
  });

  test('an extension byte stays in front, and long sizes take two bytes', () => {
    const obu = Uint8Array.from([0x34, 0x20, ...new Array(200).fill(7)]);
    const joined = AV1.join([Uint8Array.from([0x10, ...obu])]);
    expect(joined?.slice(0, 4)).toEqual(fromHex('36 20 c8 01'));
    expect(joined?.length).toBe(204);
  });

  test('what does not fit together is refused', () => {
    expect(AV1.join([fromHex('90 03 04')])).toBeUndefined();
    expect(AV1.join([fromHex('50 30 01')])).toBeUndefined();
    expect(AV1.join([fromHex('00 09 30')])).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 4 }), (payloads) => {
        AV1.join(payloads);
        for (const payload of payloads) AV1.describe(payload);
      }),
      { seed: 20261122, numRuns: 2000 },
    );
  });
});
