import { expect, test } from 'vitest';
import { AwakeClock } from './awake-clock.ts';

test.each([
  ['read often, it goes as any other', [0, 250, 500, 900, 1_400], 1_400],
  ['what nobody looked at counts as half a second', [0, 250, 60_250, 60_500], 1_000],
  ['read late, every time', [0, 2_000, 4_000, 6_000], 1_500],
  ['a clock that goes back stands still until it is where it was', [0, 400, 100, 300, 500], 500],
])('%s', (_, readings, awakeMs) => {
  const clock = new AwakeClock(0);
  expect(readings.map((nowMs) => clock.read(nowMs)).at(-1)).toBe(awakeMs);
});

test('it begins when it was made', () => {
  expect(new AwakeClock(10_000).read(10_100)).toBe(10_100);
});
