import { beforeEach, expect, test } from 'vitest';
import { HuntCaution } from './hunt-caution.ts';

let caution: HuntCaution;
beforeEach(() => {
  caution = new HuntCaution();
});

test('a probe that is followed by an overuse with much less than it proved is refuted: steps are small for 5 s', () => {
  caution.handleProved(1e6, 2e6);
  caution.handleOveruse(1.3e6, 1.2e6);
  expect(caution.ceilingBps(6.2e6, 1e6)).toBe(1.2e6);
  expect(caution.ceilingBps(6.3e6, 1e6)).toBe(Number.POSITIVE_INFINITY);
});

test.each([
  ['nearly as much arrives as was proved: a link of our own is full', 1.3e6, 1.8e6],
  ['the overuse comes long after', 2.6e6, 1.2e6],
  ['what arrives is unknown', 1.3e6, Number.NaN],
])('no care is due when %s', (_, overusedUs, ackedBps) => {
  caution.handleProved(1e6, 2e6);
  caution.handleOveruse(overusedUs, ackedBps);
  expect(caution.isDue(overusedUs)).toBe(false);
});

test('care lasts while overuse goes on, whoever makes it', () => {
  caution.handleProved(1e6, 2e6);
  for (const overusedUs of [1.3e6, 5e6, 9e6]) caution.handleOveruse(overusedUs, 1e6);
  expect(caution.isDue(13.9e6)).toBe(true);
  expect(caution.isDue(14e6)).toBe(false);
  caution.handleOveruse(20e6, 1e6);
  expect(caution.isDue(20e6)).toBe(false);
});
