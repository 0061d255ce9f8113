const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 8000;

/**
 * How long to wait before the next attempt to reach the server: doubles from 200 ms to 8 s, with half of it random so
 * that the people of a whole meeting do not come back in step.
 *
 * @param attempt 0 for the first retry.
 * @param random 0 ≤ random < 1.
 * @returns milliseconds
 */
export function backOffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
