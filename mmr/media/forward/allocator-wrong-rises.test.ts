import { describe, expect, test } from 'vitest';
import { WrongRises } from './allocator-wrong-rises.ts';

const SECOND = 1_000_000;

describe('a rise that turned out wrong', () => {
  test('is not repeated for a while, nor is one that costs about as much; a cheaper one is', () => {
    const rises = new WrongRises();
    rises.handleRise(1e6, 1.2e6);
    expect(rises.limitBps(0, 1.2e6)).toBe(Number.POSITIVE_INFINITY);
    rises.add(0);
    expect([0, 7.9, 8].map((s) => rises.limitBps(s * SECOND, 1.5e6))).toEqual([9e5, 9e5, Number.POSITIVE_INFINITY]);
  });

  test('may be repeated on a much better estimate', () => {
    const rises = new WrongRises();
    rises.handleRise(1e6, 1.2e6);
    rises.add(0);
    expect(rises.limitBps(SECOND, 1.6e6)).toBe(Number.POSITIVE_INFINITY);
  });

  test('is waited for longer each time, within limits, and forgotten in the end', () => {
    const rises = new WrongRises();
    const pauses: number[] = [];
    let nowS = 0;
    const fail = (): void => {
      rises.handleRise(1e6, 1.2e6);
      rises.add(nowS * SECOND);
      let pause = 0;
      while (rises.limitBps((nowS + pause) * SECOND, 1.2e6) < 1e6) pause++;
      pauses.push(pause);
      nowS += pause;
    };
    for (let i = 0; i < 6; i++) fail();
    nowS += 200;
    fail();
    expect(pauses).toEqual([8, 16, 32, 60, 60, 60, 8]);
  });
});
