import { expect, test } from 'vitest';
import { bands, measurePeople, quantiles } from './people-meters.ts';

test.each([
  [[], undefined],
  [[7], { p10: 7, p50: 7, p90: 7 }],
  [[3, 1, 2], { p10: 1, p50: 2, p90: 3 }],
  [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], { p10: 1, p50: 5, p90: 9 }],
])('quantiles of %j', (values, expected) => {
  expect(quantiles(values)).toEqual(expected);
});

test('bands of quality begin where the bars on a tile do', () => {
  expect(bands([100, 80, 79, 50, 49, 1, 0])).toEqual({ good: 2, fair: 2, poor: 2, lost: 1 });
});

test('nobody is no division by nothing', () => {
  expect(measurePeople([])).toMatchObject({ connected: 0, limits: {}, wantedBps: 0, estimateBps: undefined });
});
