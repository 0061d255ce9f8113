import { beforeEach, expect, test } from 'vitest';
import { HiddenLimit } from './hidden-limit.ts';

let limit: HiddenLimit;
beforeEach(() => {
  limit = new HiddenLimit();
});

/** Loss made us go below 1 Mb/s at this second, and stopped. */
function findAt(second: number): void {
  limit.suspect(1e6);
  limit.handleClean(second * 1e6, 9e5);
}

test('nothing is known before loss has stopped at a lower rate', () => {
  limit.suspect(1e6);
  expect(limit.remembers(0)).toBe(false);
  expect(limit.ceilingBps(0, 8e5)).toBe(Number.POSITIVE_INFINITY);
  findAt(1);
  expect(limit.ceilingBps(1e6, 5e5)).toBe(1e6);
});

test('loss that goes on at a lower rate acquits', () => {
  limit.suspect(1e6);
  limit.acquit();
  limit.handleClean(1e6, 9e5);
  expect(limit.remembers(1e6)).toBe(false);
});

test('what arrives beyond the limit raises the ceiling, what is sent far beyond without loss ends it', () => {
  findAt(0);
  expect(limit.ceilingBps(1, 1e6)).toBe(1.3e6);
  limit.handleClean(2e6, 1.15e6);
  expect(limit.remembers(2e6)).toBe(true);
  limit.handleClean(3e6, 1.25e6);
  expect(limit.remembers(3e6)).toBe(false);
});

test('each time it is found again it is believed for twice as long, up to 160 s', () => {
  const lengths = [20, 40, 80, 160, 160];
  let second = 0;
  for (const length of lengths) {
    findAt(second);
    expect(limit.remembers((second + length) * 1e6 - 1)).toBe(true);
    expect(limit.remembers((second + length) * 1e6)).toBe(false);
    second += length;
  }
});

test('a probe beyond it has to be long, and is the one try of its time', () => {
  findAt(0);
  expect(limit.isBelow(9e5)).toBe(false);
  expect(limit.isBelow(2e6)).toBe(true);
  limit.handleTry(21e6);
  expect(limit.remembers(60e6)).toBe(true);
  limit.handlePassed(1.1e6);
  expect(limit.isBelow(2e6)).toBe(true);
  limit.handlePassed(2e6);
  expect(limit.isBelow(2e6)).toBe(false);
});
