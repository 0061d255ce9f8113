import { beforeEach, expect, test } from 'vitest';
import { ProbeController } from './probe-controller.ts';

const UNBOUNDED = Number.POSITIVE_INFINITY;
let probes: ProbeController;
beforeEach(() => {
  probes = new ProbeController();
  probes.start(0, 300_000, UNBOUNDED);
});

test('the first is three times the start rate; what passes is doubled', () => {
  expect(probes.take(0, 0, false)?.bitrateBps).toBe(900_000);
  probes.handleResult(1e5, 900_000, true, 900_000, UNBOUNDED);
  expect(probes.take(1e5, 0, false)?.bitrateBps).toBe(1_800_000);
  probes.handleResult(2e5, 1_000_000, true, 1_000_000, UNBOUNDED);
  expect(probes.take(2e5, 0, false)).toBeUndefined();
});

test('none goes beyond the ceiling, or hardly beyond the target', () => {
  probes.take(0, 0, false);
  probes.handleResult(1e5, 900_000, true, 900_000, 1_000_000);
  expect(probes.take(1e5, 0, false)?.bitrateBps).toBe(1_000_000);
  probes.handleResult(2e5, 1_000_000, true, 1_000_000, 1_000_000);
  expect(probes.hasProbe).toBe(false);
});

test('a probe without an answer is repeated once, then hunted for as usual', () => {
  probes.take(0, 0, false);
  const takenAt: number[] = [];
  for (let ms = 0; ms < 9000; ms += 100) {
    probes.hunt(ms * 1000, 300_000, UNBOUNDED);
    if (probes.take(ms * 1000, 0, false) !== undefined) takenAt.push(ms);
  }
  expect(takenAt[0]).toBe(1500);
  expect((takenAt[1] as number) - 1500).toBeGreaterThanOrEqual(4000);
});

test.each([
  ['while the path was never full, one that found a part is followed as soon as one that passed', false, 4000],
  ['on a path that was full, later: where several share it, a burst always finds some room', true, 5000],
])('%s', (_, full, gapMs) => {
  probes.take(0, 0, false);
  if (full) probes.handleDecrease(0, 200_000);
  const sentAt: number[] = [];
  for (let ms = 100; sentAt.length < 2; ms += 100) {
    probes.hunt(ms * 1000, 300_000, UNBOUNDED);
    if (probes.take(ms * 1000, 0, false) === undefined) continue;
    sentAt.push(ms);
    probes.handleResult(ms * 1000, 400_000, true, 400_000, UNBOUNDED);
    // The hunt that is set by now is as late as the patience of before: the next tells.
    probes.handleResult(ms * 1000, 400_000, true, 400_000, UNBOUNDED);
  }
  expect((sentAt[1] as number) - (sentAt[0] as number)).toBe(gapMs);
});

test('after a decrease the path is left alone for two seconds', () => {
  probes.take(0, 0, false);
  probes.handleDecrease(3e6, 300_000);
  probes.hunt(4.9e6, 300_000, UNBOUNDED);
  expect(probes.hasProbe).toBe(false);
  probes.hunt(5e6, 300_000, UNBOUNDED);
  expect(probes.hasProbe).toBe(true);
});

test('a probe that an overuse refuted is followed by small ones, one at a time, and by a large one when all is calm', () => {
  probes.take(0, 0, false);
  probes.handleResult(1e5, 900_000, true, 900_000, UNBOUNDED);
  probes.handleDecrease(4e5, 400_000);
  const sent: [number, number][] = [];
  for (let ms = 500; ms < 12_000; ms += 100) {
    probes.hunt(ms * 1000, 400_000, UNBOUNDED);
    const probe = probes.take(ms * 1000, 0, false);
    if (probe === undefined) continue;
    sent.push([ms, probe.bitrateBps]);
    if (ms < 5400) probes.handleResult((ms + 50) * 1000, probe.bitrateBps, true, 400_000, UNBOUNDED);
    else break;
  }
  expect(sent).toEqual([
    [4100, 600_000],
    [5400, 800_000],
  ]);
});

test('rising demand asks for one, not more than one a second', () => {
  probes.take(0, 0, false);
  probes.handleResult(1e5, 300_000, false, 300_000, UNBOUNDED);
  probes.handleDemandRise(5e5, 2e6, 300_000, UNBOUNDED);
  expect(probes.hasProbe).toBe(false);
  probes.handleDemandRise(1.2e6, 2e6, 300_000, UNBOUNDED);
  expect(probes.take(1.2e6, 0, false)?.bitrateBps).toBe(900_000);
});

test('a burst is 20 ms, longer with jitter, and 300 ms beyond a limit that loss has shown', () => {
  const length = (jitterMs: number, long: boolean) => {
    probes.request(0, 8e6, 1e6, UNBOUNDED);
    return (probes.take(0, jitterMs, long)?.bytes as number) / 1000;
  };
  expect([length(0, false), length(30, false), length(500, false), length(0, true)]).toEqual([20, 90, 150, 300]);
});
