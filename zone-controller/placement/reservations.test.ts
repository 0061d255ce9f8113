import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reservations } from './reservations.ts';

const DEMAND = { participants: 4, packetsPerSecond: 2_400 };

test('promises count until a report shows them, and no longer than five seconds', () => {
  const reservations = new Reservations();
  reservations.add(0, DEMAND);
  reservations.add(1_000, DEMAND);
  reservations.reported(1_500);
  expect(reservations.sum(1_500)).toEqual({ participants: 8, packetsPerSecond: 4_800 });
  reservations.reported(2_500);
  expect(reservations.sum(2_500).participants).toBe(4);
  expect(reservations.sum(5_900).participants).toBe(4);
  expect(reservations.sum(6_000).participants).toBe(0);
});

test('sums are those of the promises that are neither shown nor expired, give or take the granularity', () => {
  const promise = fc.record({ afterMs: fc.nat(900), people: fc.integer({ min: 1, max: 50 }), isReport: fc.boolean() });
  fc.assert(
    fc.property(fc.array(promise, { maxLength: 60 }), (all) => {
      const reservations = new Reservations();
      const kept: { atMs: number; people: number }[] = [];
      let nowMs = 0;
      let reportedMs = Number.NEGATIVE_INFINITY;
      for (const { afterMs, people, isReport } of all) {
        nowMs += afterMs;
        if (isReport) {
          reservations.reported(nowMs);
          reportedMs = nowMs;
        } else {
          reservations.add(nowMs, { participants: people, packetsPerSecond: people * 10 });
          kept.push({ atMs: nowMs, people });
        }
        const since = (graceMs: number): number =>
          kept
            .filter(({ atMs }) => atMs + graceMs > Math.max(nowMs - 5_000, reportedMs - 2_000))
            .reduce((sum, each) => sum + each.people, 0);
        const { participants, packetsPerSecond } = reservations.sum(nowMs);
        expect(participants).toBeGreaterThanOrEqual(since(0));
        expect(participants).toBeLessThanOrEqual(since(100));
        expect(packetsPerSecond).toBe(participants * 10);
      }
    }),
    { seed: 2 },
  );
});

test('what is given back does not count, and is not given back twice', () => {
  const reservations = new Reservations();
  reservations.add(40, DEMAND);
  reservations.add(250, DEMAND);
  reservations.giveBack(250, DEMAND);
  expect(reservations.sum(300)).toEqual(DEMAND);
  reservations.reported(2_150);
  expect([reservations.has(40), reservations.has(250)]).toEqual([false, true]);
  reservations.giveBack(40, DEMAND);
  expect(reservations.sum(2_200)).toEqual({ participants: 0, packetsPerSecond: 0 });
});

test('who has come is in the next report, and then not counted here any more; his media may not show yet', () => {
  const reservations = new Reservations();
  reservations.add(0, { participants: 2, packetsPerSecond: 300 });
  reservations.arrived(0);
  expect(reservations.sum(10)).toEqual({ participants: 2, packetsPerSecond: 300 });
  reservations.reported(20);
  expect(reservations.sum(30)).toEqual({ participants: 1, packetsPerSecond: 300 });
  reservations.reported(2_200);
  reservations.arrived(0);
  expect(reservations.sum(2_300)).toEqual({ participants: 0, packetsPerSecond: 0 });
});
