import { expect, test } from 'vitest';
import { ArrivalClock } from './arrival-clock.ts';
import { FEEDBACK_CLOCK_US } from './feedback-view.ts';

test.each([
  ['goes on', [1000, 2000], 2000],
  ['wraps around', [FEEDBACK_CLOCK_US - 1000, 500], FEEDBACK_CLOCK_US + 500],
  ['goes back over the wrap', [500, FEEDBACK_CLOCK_US - 1000], -1000],
  [
    'wraps twice',
    [FEEDBACK_CLOCK_US - 1, 5, FEEDBACK_CLOCK_US / 2, FEEDBACK_CLOCK_US - 1, 7],
    2 * FEEDBACK_CLOCK_US + 7,
  ],
])('%s', (_, times, widened) => {
  const clock = new ArrivalClock();
  expect(times.map((time) => clock.widen(time)).at(-1)).toBe(widened);
});
