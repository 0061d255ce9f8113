import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceKind } from '../../proto/signalling.ts';
import {
  type PublishOptions,
  parseScalability,
  planEncodings,
  reduceToDemand,
  ridsFor,
  scalabilityModeFor,
} from './encoding-plan.ts';

const VP8: PublishOptions = { codec: 'vp8', simulcast: true, scalability: undefined };

describe('which encodings are offered', () => {
  test.each<[SourceKind, number | undefined, Partial<PublishOptions>, string[]]>([
    ['microphone', undefined, {}, ['']],
    ['camera', 1080, {}, ['l', 'm', 'h']],
    ['camera', 720, {}, ['l', 'm', 'h']],
    ['camera', undefined, {}, ['l', 'm', 'h']],
    ['camera', 480, {}, ['l', 'm']],
    ['camera', 360, {}, ['l', 'm']],
    ['camera', 180, {}, ['']],
    ['camera', 90, {}, ['']],
    ['camera', 720, { simulcast: false }, ['']],
    ['camera', 720, { codec: 'vp9', scalability: 'L3T3_KEY' }, ['']],
    ['camera', 720, { scalability: 'L1T2' }, ['l', 'm', 'h']],
    ['screen', undefined, {}, ['l', 'h']],
    ['screen', 1080, { codec: 'vp9', scalability: 'L3T3_KEY' }, ['l', 'h']],
    ['screen', 1080, { simulcast: false }, ['']],
  ])('%s of %s lines, %j → %j', (kind, height, options, rids) => {
    expect(ridsFor(kind, height, { ...VP8, ...options })).toEqual(rids);
  });
});

describe('what is encoded', () => {
  test.each<[string[], number | undefined, (number | undefined)[]]>([
    [['l', 'm', 'h'], 720, [180, 360, 720]],
    [['l', 'm', 'h'], undefined, [180, 360, 720]],
    [['l', 'm', 'h'], 360, [180, 360, undefined]],
    [['l', 'm', 'h'], 180, [180, undefined, undefined]],
    [['l', 'm'], 720, [360, 720]],
    [[''], 720, [720]],
    [[''], 100, [100]],
  ])('%j of a camera with %s lines: pictures of %j', (rids, height, heights) => {
    const plan = planEncodings('camera', rids, height, VP8);
    const pictures = plan.map((each) => (each.active ? (height ?? 720) / each.scaleResolutionDownBy : undefined));
    expect(pictures).toEqual(heights);
  });

  test('larger pictures get more bits, better codecs fewer', () => {
    const bitrates = (codec: PublishOptions['codec']) =>
      planEncodings('camera', ['l', 'm', 'h'], 720, { ...VP8, codec }).map(({ maxBitrateBps }) => maxBitrateBps);
    expect(bitrates('vp8')).toEqual([160_000, 500_000, 1_600_000]);
    expect(bitrates('av1')).toEqual([104_000, 325_000, 1_040_000]);
  });

  test('a shared screen: whole, and half of it', () => {
    const plan = planEncodings('screen', ['l', 'h'], 1080, VP8);
    expect(plan.map(({ active, scaleResolutionDownBy }) => [active, scaleResolutionDownBy])).toEqual([
      [true, 2],
      [true, 1],
    ]);
    expect(plan.map(({ maxFramerate }) => maxFramerate)).toEqual([15, 15]);
    expect(planEncodings('camera', [''], 1080, VP8).map(({ maxFramerate }) => maxFramerate)).toEqual([undefined]);
  });

  test('whatever is captured, the highest active picture is the captured one, and each is half the next', () => {
    const rids = fc.constantFrom([''], ['l', 'm'], ['l', 'm', 'h']);
    fc.assert(
      fc.property(rids, fc.integer({ min: 1, max: 4000 }), (names, height) => {
        const scales = planEncodings('camera', names, height, VP8).flatMap((each) =>
          each.active ? [each.scaleResolutionDownBy] : [],
        );
        expect(scales.at(-1)).toBe(1);
        for (const [index, scale] of scales.entries()) expect(scale).toBe(2 ** (scales.length - 1 - index));
      }),
      { seed: 4_711 },
    );
  });
});

describe('what anybody wants of it', () => {
  const plan = planEncodings('camera', ['l', 'm', 'h'], 720, VP8);

  test('encodings that nobody watches stop; those that are not named go on', () => {
    const reduced = reduceToDemand(plan, [{ rid: 'h', active: false }], 720);
    expect(reduced.map(({ active }) => active)).toEqual([true, true, false]);
  });

  test('one that a small capture cannot fill stays silent, whoever wants it', () => {
    const small = planEncodings('camera', ['l', 'm', 'h'], 360, VP8);
    expect(reduceToDemand(small, [{ rid: 'h', active: true }], 360)[2]?.active).toBe(false);
  });

  test('the sizes of simulcast stay as they are', () => {
    const reduced = reduceToDemand(plan, [{ rid: 'h', active: true, maxHeight: 180 }], 720);
    expect(reduced).toEqual(plan);
  });

  test.each([
    [undefined, 1],
    [720, 1],
    [361, 1],
    [360, 2],
    [200, 2],
    [180, 4],
    [30, 4],
  ])('a single encoding for tiles of at most %s lines is scaled down by %s', (maxHeight, scale) => {
    const single = planEncodings('camera', [''], 720, VP8);
    const demand = [{ rid: '', active: true, ...(maxHeight === undefined ? {} : { maxHeight }) }];
    const [reduced] = reduceToDemand(single, demand, 720);
    expect(reduced?.scaleResolutionDownBy).toBe(scale);
    if (scale > 1) expect(reduced?.maxBitrateBps).toBeLessThan(single[0]?.maxBitrateBps ?? 0);
  });
});

describe('scalability', () => {
  test.each<[SourceKind, string[], string | undefined, string | undefined]>([
    ['microphone', [''], 'L3T3', undefined],
    ['camera', ['l', 'm', 'h'], undefined, 'L1T3'],
    ['camera', ['l', 'm', 'h'], 'L1T2', 'L1T2'],
    ['camera', [''], 'L3T3_KEY', 'L3T3_KEY'],
    ['screen', ['l', 'h'], 'L3T3_KEY', 'L1T3'],
  ])('%s in %j asked for %s is sent as %s', (kind, rids, scalability, mode) => {
    expect(scalabilityModeFor(kind, rids, { codec: 'vp9', simulcast: true, scalability })).toBe(mode);
  });

  test.each([
    ['L3T3_KEY', 'L3T3_KEY'],
    ['L1T1', 'L1T1'],
    ['L2T2h', 'L2T2h'],
    ['L1T3_KEY', undefined],
    ['S3T3', undefined],
    ['L9T1', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j is read as %j', (text, mode) => {
    expect(parseScalability(text)).toBe(mode);
  });
});
