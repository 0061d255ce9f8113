import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { ExpectedPeople } from './expected-people.ts';

const MEETING = 'm' as MeetingId;
const PLACE = { router: 'a' as RouterId, worker: 1 };
const TRUNK = { router: 'b' as RouterId, worker: 0 };

test('those who come are given in all exactly what was promised, each about the same', () => {
  const amounts = fc.record({ people: fc.integer({ min: 1, max: 40 }), own: fc.nat(99_999), trunk: fc.nat(9_999) });
  fc.assert(
    fc.property(amounts, ({ people, own, trunk }) => {
      const expected = new ExpectedPeople();
      expected.add(1_000, MEETING, PLACE, people, [
        { ...PLACE, demand: { participants: people, packetsPerSecond: own } },
        { ...TRUNK, demand: { participants: 0, packetsPerSecond: trunk } },
      ]);
      const given = [0, 0, 0];
      for (let count = 0; count < people; count++) {
        const next = expected.next(MEETING, PLACE);
        const taken = expected.take(MEETING, PLACE);
        expect([taken?.atMs, taken?.reservations]).toEqual([1_000, next?.reservations]);
        const [here, there] = taken?.reservations.map(({ demand }) => demand) ?? [];
        expect(here?.participants).toBe(1);
        expect(Math.abs((here?.packetsPerSecond ?? 0) - own / people)).toBeLessThan(1);
        given[0] = (given[0] ?? 0) + (here?.participants ?? 0);
        given[1] = (given[1] ?? 0) + (here?.packetsPerSecond ?? 0);
        given[2] = (given[2] ?? 0) + (there?.packetsPerSecond ?? 0);
      }
      expect(given).toEqual([people, own, trunk]);
      expect([expected.take(MEETING, PLACE), expected.size]).toEqual([undefined, 0]);
    }),
    { seed: 3 },
  );
});

test('nobody is expected for longer than promises last, and what is dropped is told', () => {
  const expected = new ExpectedPeople();
  const reservations = [{ ...PLACE, demand: { participants: 3, packetsPerSecond: 300 } }];
  expected.add(0, MEETING, PLACE, 3, reservations);
  expected.add(4_900, 'other' as MeetingId, PLACE, 3, reservations);
  expect(expected.size).toBe(2);
  expected.add(5_000, 'third' as MeetingId, PLACE, 3, reservations);
  expect([expected.next(MEETING, PLACE), expected.size]).toEqual([undefined, 2]);
  expect(expected.drop('third' as MeetingId, PLACE)).toMatchObject({ atMs: 5_000, people: 3, reservations });
  expect(expected.dropAll()).toMatchObject([{ atMs: 4_900, people: 3 }]);
  expect(expected.size).toBe(0);
});
