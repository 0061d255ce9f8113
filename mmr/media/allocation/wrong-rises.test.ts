import { describe, expect, test } from 'vitest';
import { WrongRises } from './wrong-rises.ts';

const SECOND = 1_000_000;

/** From `beforeBps` to more at `riseUs`, and down again a second later. */
function fail(rises: WrongRises, riseUs: number, beforeBps: number, estimateBps = 1.2e6): void {
  rises.handleRise(riseUs, beforeBps, estimateBps);
  rises.handleFall(riseUs + SECOND);
}

/** Seconds after `fromUs` until a rise from `beforeBps` is allowed again. */
function pauseS(rises: WrongRises, fromUs: number, beforeBps: number): number {
  let pause = 0;
  while (rises.limitBps(fromUs + pause * SECOND, 1.2e6) < 2 * beforeBps) pause++;
  return pause;
}

describe('a rise that turned out wrong', () => {
  test('is not repeated for a while, nor is any part of it; what there was before may come back', () => {
    const rises = new WrongRises();
    rises.handleRise(0, 1e6, 1.2e6);
    expect(rises.limitBps(0, 1.2e6)).toBe(Number.POSITIVE_INFINITY);
    rises.handleFall(SECOND);
    const limits = [1, 8.9, 9].map((s) => rises.limitBps(s * SECOND, 1.4e6));
    expect(limits).toEqual([1.1e6, 1.1e6, Number.POSITIVE_INFINITY]);
  });

  test('may be repeated on a better estimate', () => {
    const rises = new WrongRises();
    fail(rises, 0, 1e6);
    expect(rises.limitBps(2 * SECOND, 1.5e6)).toBe(Number.POSITIVE_INFINITY);
  });

  test('is waited for longer each time, within limits, and forgotten in the end', () => {
    const rises = new WrongRises();
    const pauses: number[] = [];
    let nowUs = 0;
    const failAgain = (): void => {
      fail(rises, nowUs, 1e6);
      pauses.push(pauseS(rises, nowUs + SECOND, 1e6));
      nowUs += SECOND * (1 + (pauses.at(-1) ?? 0));
    };
    for (let i = 0; i < 6; i++) failAgain();
    nowUs += 200 * SECOND;
    failAgain();
    expect(pauses).toEqual([8, 16, 32, 60, 60, 60, 8]);
  });

  test('from quite another sum is another one', () => {
    const rises = new WrongRises();
    fail(rises, 0, 1e6);
    fail(rises, 10 * SECOND, 1e6);
    expect(pauseS(rises, 11 * SECOND, 1e6)).toBe(16);
    fail(rises, 30 * SECOND, 2e5);
    expect(pauseS(rises, 31 * SECOND, 2e5)).toBe(8);
  });

  test('on a better estimate is another one: the pauses of the worse ones do not add to its own', () => {
    const rises = new WrongRises();
    for (const s of [0, 10, 30]) fail(rises, s * SECOND, 1e6);
    expect(pauseS(rises, 31 * SECOND, 1e6)).toBe(32);
    fail(rises, 35 * SECOND, 1e6, 1.5e6);
    expect(pauseS(rises, 36 * SECOND, 1e6)).toBe(8);
    fail(rises, 50 * SECOND, 1e6, 1.6e6);
    expect(pauseS(rises, 51 * SECOND, 1e6)).toBe(16);
  });
});

describe('a fall is nobody’s fault', () => {
  test('long after a rise, and the second time', () => {
    const rises = new WrongRises();
    rises.handleRise(0, 1e6, 1.2e6);
    rises.handleFall(5 * SECOND);
    expect(rises.limitBps(5 * SECOND, 1.2e6)).toBe(Number.POSITIVE_INFINITY);
    fail(rises, 10 * SECOND, 1e6);
    rises.handleFall(12 * SECOND);
    expect(pauseS(rises, 11 * SECOND, 1e6)).toBe(8);
  });
});
