import { expect, test } from 'vitest';
import { DelayTrend } from './delay-trend.ts';
import { Usage } from './overuse-detector.ts';

/** Usages seen while packets leave each 10 ms and are under way for `delayMs(i)`. */
function usages(packets: number, delayMs: (i: number) => number): Set<number> {
  const trend = new DelayTrend();
  const seen = new Set<number>();
  for (let i = 0; i < packets; i++) {
    trend.add(i * 10_000, 5e9 + i * 10_000 + delayMs(i) * 1000);
    seen.add(trend.usage);
  }
  return seen;
}

test('a delay that stays, whatever its length, is normal', () => {
  expect(usages(300, () => 400)).toEqual(new Set([Usage.normal]));
});

test('a queue that grows by a tenth of the time is overuse', () => {
  expect(usages(100, (i) => i)).toContain(Usage.over);
});

test('a queue that empties is underuse', () => {
  expect(usages(200, (i) => Math.max(0, 300 - 2 * i))).toContain(Usage.under);
});

test('some milliseconds to and fro are no trend', () => {
  expect(usages(500, (i) => (i * 7) % 5)).not.toContain(Usage.over);
});

test('after two seconds of silence the delay may be another', () => {
  const trend = new DelayTrend();
  for (let i = 0; i < 100; i++) trend.add(i * 10_000, i * 10_000);
  for (let i = 0; i < 100; i++) {
    trend.add(5e6 + i * 10_000, 5.5e6 + i * 10_000);
    expect(trend.usage).toBe(Usage.normal);
  }
});
