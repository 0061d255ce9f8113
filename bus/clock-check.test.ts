import { beforeEach, expect, test } from 'vitest';
import { ClockCheck } from './clock-check.ts';

const GC = { zone: 'global', instance: 'gc-1' };
const OTHER = { zone: 'global', instance: 'gc-2' };
const THIRD = { zone: 'alpha', instance: 'one' };

let steadyMs: number;
let offsetMs: number;
let check: ClockCheck;

beforeEach(() => {
  steadyMs = 77;
  offsetMs = 1e12;
  check = new ClockCheck(
    () => steadyMs + offsetMs,
    () => steadyMs,
  );
});

test('a clock that nobody has disagreed with is trusted, steered or not', () => {
  expect(check.isTrusted).toBe(true);
  steadyMs += 86_400_000;
  offsetMs += 4_000;
  expect(check.isTrusted).toBe(true);
});

test.each([-3_600_000, 3_600_000])('one that was set by %i ms is trusted when somebody agrees with it', (byMs) => {
  offsetMs += byMs;
  expect(check.isTrusted).toBe(false);
  check.heard(GC, false);
  expect(check.isTrusted).toBe(false);
  offsetMs -= byMs;
  check.heard(GC, true);
  expect(check.isTrusted).toBe(true);
  offsetMs += byMs;
  check.heard(GC, true);
  expect(check.isTrusted).toBe(true);
});

test('several who disagree outweigh fewer who agree, for as long as they are heard', () => {
  check.heard(GC, false);
  expect(check.isTrusted).toBe(true);
  check.heard(THIRD, false);
  expect(check.isTrusted).toBe(false);
  check.heard(OTHER, true);
  expect(check.isTrusted).toBe(false);
  check.heard(GC, true);
  expect(check.isTrusted).toBe(true);
  check.heard(GC, false);
  expect(check.isTrusted).toBe(false);
  steadyMs += 5_000;
  check.heard(THIRD, false);
  expect(check.isTrusted).toBe(true);
});

test('only the last of many who are heard are remembered', () => {
  for (let count = 0; count < 1_000; count++) check.heard({ zone: 'beta', instance: `${count}` }, false);
  for (let count = 0; count < 64; count++) check.heard({ zone: 'beta', instance: `good-${count}` }, true);
  check.heard(GC, false);
  check.heard(THIRD, false);
  expect(check.isTrusted).toBe(true);
});
