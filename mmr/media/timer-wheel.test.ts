import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_DELAY_US, TICK_US, TimerWheel } from './timer-wheel.ts';

const START_US = 5_000_000_000;

function due(wheel: TimerWheel, nowUs: number): number[] {
  const items: number[] = [];
  for (let item = wheel.takeDue(nowUs); item >= 0; item = wheel.takeDue(nowUs)) items.push(item);
  return items.toSorted((a, b) => a - b);
}

function started(): TimerWheel {
  const wheel = new TimerWheel();
  due(wheel, START_US);
  return wheel;
}

describe('timer wheel', () => {
  test('an item comes due once, in its tick', () => {
    const wheel = started();
    wheel.schedule(3, START_US + 25_000);
    expect(due(wheel, START_US + 20_000)).toEqual([]);
    expect(due(wheel, START_US + 30_000)).toEqual([3]);
    expect(due(wheel, START_US + 2 * MAX_DELAY_US)).toEqual([]);
  });

  test('what is in the past comes at the next tick, what is far away after the longest delay', () => {
    const wheel = started();
    wheel.schedule(1, 0);
    wheel.schedule(2, Number.POSITIVE_INFINITY);
    expect(due(wheel, START_US)).toEqual([]);
    expect(due(wheel, START_US + TICK_US)).toEqual([1]);
    expect(due(wheel, START_US + MAX_DELAY_US)).toEqual([2]);
  });

  test('the last schedule counts, and cancel takes back', () => {
    const wheel = started();
    for (const item of [1, 2, 3]) wheel.schedule(item, START_US + 50_000);
    wheel.schedule(2, START_US + 10_000);
    wheel.cancel(3);
    wheel.cancel(99);
    expect(due(wheel, START_US + 10_000)).toEqual([2]);
    expect(due(wheel, START_US + 50_000)).toEqual([1]);
  });

  test('after a stop of the process everything is due', () => {
    const wheel = started();
    for (let item = 0; item < 100; item++) wheel.schedule(item, START_US + item * 1000);
    expect(due(wheel, START_US + 60_000_000)).toHaveLength(100);
  });

  test('for any schedule: each item once, not early by more than nothing, not late by more than a tick', () => {
    const plan = fc.array(fc.record({ item: fc.nat(300), inUs: fc.integer({ min: 0, max: 2 * MAX_DELAY_US }) }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(plan, (list) => {
        const wheel = started();
        const wanted = new Map<number, number>();
        for (const { item, inUs } of list) {
          wheel.schedule(item, START_US + inUs);
          wanted.set(item, START_US + Math.min(inUs, MAX_DELAY_US));
        }
        for (let nowUs = START_US; nowUs <= START_US + MAX_DELAY_US + TICK_US; nowUs += TICK_US) {
          for (const item of due(wheel, nowUs)) {
            const atUs = wanted.get(item) ?? Number.NaN;
            wanted.delete(item);
            expect(nowUs).toBeGreaterThanOrEqual(atUs);
            expect(nowUs - atUs).toBeLessThanOrEqual(TICK_US);
          }
        }
        expect(wanted.size).toBe(0);
      }),
      { seed: 99, numRuns: 300 },
    );
  });
});
