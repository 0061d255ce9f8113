import { describe, expect, test } from 'vitest';
import { backOffMs } from './back-off.ts';

describe('back-off', () => {
  test.each([
    { attempt: 0, random: 0, expected: 100 },
    { attempt: 0, random: 1, expected: 200 },
    { attempt: 1, random: 0.5, expected: 300 },
    { attempt: 5, random: 0, expected: 3200 },
    { attempt: 6, random: 1, expected: 8000 },
    { attempt: 1_000_000, random: 1, expected: 8000 },
  ])('attempt $attempt with random $random waits $expected ms', ({ attempt, random, expected }) => {
    expect(backOffMs(attempt, random)).toBe(expected);
  });
});
