import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type QualitySample, QualityTrack, qualityScore } from './quality-score.ts';

const GOOD: QualitySample = { lossFraction: 0, roundTripMs: 20, freezes: 0, reached: 1 };

describe('score', () => {
  test.each<[string, Partial<QualitySample>, number]>([
    ['a good line', {}, 100],
    ['round trip unknown', { roundTripMs: undefined }, 100],
    ['2 % loss', { lossFraction: 0.02 }, 92],
    ['10 % loss', { lossFraction: 0.1 }, 60],
    ['half of it lost', { lossFraction: 0.5 }, 60],
    ['150 ms', { roundTripMs: 150 }, 100],
    ['400 ms', { roundTripMs: 400 }, 85],
    ['a satellite and a queue', { roundTripMs: 2000 }, 70],
    ['one freeze', { freezes: 1 }, 80],
    ['nothing but freezes', { freezes: 50 }, 40],
    ['half of what was wanted', { reached: 0.5 }, 75],
    ['nothing of what was wanted', { reached: 0 }, 50],
    ['all at once', { lossFraction: 1, roundTripMs: 1e4, freezes: 9, reached: 0 }, 0],
  ])('%s', (_what, sample, expected) => {
    expect(qualityScore({ ...GOOD, ...sample })).toBeCloseTo(expected);
  });

  test('stays within its range, whatever is reported', () => {
    const any = fc.double({ noNaN: true });
    const check = (lossFraction: number, roundTripMs: number, freezes: number, reached: number): void => {
      const score = qualityScore({ lossFraction, roundTripMs, freezes: Math.abs(freezes), reached });
      expect(score >= 0 && score <= 100).toBe(true);
    };
    fc.assert(fc.property(any, any, any, any, check));
  });
});

describe('track', () => {
  function told(samples: readonly (QualitySample | undefined)[]): (number | undefined)[] {
    const track = new QualityTrack();
    return samples.flatMap((sample) => {
      track.update(sample);
      return track.isNews ? [track.takeTold()] : [];
    });
  }
  const repeat = (count: number, sample: QualitySample | undefined): (QualitySample | undefined)[] =>
    Array.from({ length: count }, () => sample);
  const BAD = { ...GOOD, lossFraction: 0.1, freezes: 1 };

  test('is told when it begins, when it ends, and when it changes noticeably', () => {
    expect(told([...repeat(10, GOOD), ...repeat(3, undefined), ...repeat(10, GOOD)])).toEqual([100, undefined, 100]);
    expect(told(repeat(10, undefined))).toEqual([]);
  });

  test('goes down at once and comes back slowly', () => {
    expect(told([...repeat(2, GOOD), ...repeat(3, BAD), ...repeat(20, GOOD)])).toEqual([
      100, 64, 50, 61, 72, 87, 97, 100,
    ]);
  });

  test('small changes are no news', () => {
    expect(told(Array.from({ length: 50 }, (_, i) => ({ ...GOOD, lossFraction: 0.005 + (i % 3) / 200 })))).toHaveLength(
      1,
    );
  });
});
