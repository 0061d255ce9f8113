import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RouterId } from '../../common/ids.ts';
import { describePlacement, expectedLoad, placeMeeting, type RouterCandidate } from './place-meeting.ts';
import { Reservations } from './reservations.ts';

const SEED = 11;
const DEMAND = { participants: 4, packetsPerSecond: 2_400 };

function router(name: string, fields: Partial<RouterCandidate> = {}): RouterCandidate {
  return {
    router: name as RouterId,
    ready: true,
    participants: 0,
    maxParticipants: 100,
    packetsPerSecond: 0,
    maxPacketsPerSecond: 100_000,
    reservedParticipants: 0,
    reservedPacketsPerSecond: 0,
    ...fields,
  };
}

const candidates = fc.uniqueArray(
  fc.record({
    router: fc.stringMatching(/^r\d{1,3}$/).map((name) => name as RouterId),
    ready: fc.boolean(),
    participants: fc.nat(120),
    maxParticipants: fc.integer({ min: 1, max: 120 }),
    packetsPerSecond: fc.nat(100_000),
    maxPacketsPerSecond: fc.integer({ min: 1_000, max: 100_000 }),
    reservedParticipants: fc.nat(10),
    reservedPacketsPerSecond: fc.nat(10_000),
  }),
  { selector: ({ router: name }) => name, maxLength: 30 },
);

describe('placement', () => {
  test('chooses a ready router with room and the least load, and explains every other', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const { router: chosen, explain } = placeMeeting(all, DEMAND, undefined);
        const able = all.filter((candidate) => candidate.ready && expectedLoad(candidate, DEMAND) <= 1);
        expect(chosen !== undefined).toBe(able.length > 0);
        expect(explain.map((verdict) => verdict.router)).toEqual(all.map((candidate) => candidate.router));
        const best = Math.min(...able.map((candidate) => expectedLoad(candidate, DEMAND)));
        for (const { router: name, why, expectedLoad: load } of explain) {
          expect(why === 'chosen').toBe(name === chosen);
          if (why === 'chosen') expect(load).toBe(best);
        }
      }),
      { seed: SEED },
    );
  });

  test('does not depend on the order of what is known', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        expect(placeMeeting(all.toReversed(), DEMAND, undefined).router).toBe(
          placeMeeting(all, DEMAND, undefined).router,
        );
      }),
      { seed: SEED },
    );
  });

  test('a meeting stays while its router is ready and it fits', () => {
    fc.assert(
      fc.property(candidates, fc.nat(), (all, index) => {
        fc.pre(all.length > 0);
        const current = all[index % all.length] as RouterCandidate; // not empty
        const fits = current.ready && expectedLoad(current, DEMAND) <= 1;
        const { router: chosen, explain } = placeMeeting(all, DEMAND, current.router);
        expect(chosen === current.router || !fits).toBe(true);
        if (fits) expect(explain.filter(({ why }) => why === 'sticky')).toHaveLength(1);
      }),
      { seed: SEED },
    );
  });

  test('with reservations, a burst is spread evenly before any report comes', () => {
    const reserved = new Map(['a', 'b', 'c'].map((name) => [name, new Reservations()]));
    const placed = new Map<string, number>();
    for (let count = 0; count < 30; count++) {
      const known = [...reserved].map(([name, reservations]) => {
        const { participants, packetsPerSecond } = reservations.sum(0);
        return router(name, { reservedParticipants: participants, reservedPacketsPerSecond: packetsPerSecond });
      });
      const chosen = String(placeMeeting(known, { participants: 1, packetsPerSecond: 500 }, undefined).router);
      reserved.get(chosen)?.add(0, { participants: 1, packetsPerSecond: 500 });
      placed.set(chosen, (placed.get(chosen) ?? 0) + 1);
    }
    expect([...placed.values()]).toEqual([10, 10, 10]);
  });

  test('says why in a line', () => {
    const known = [
      router('a', { participants: 50 }),
      router('b', { packetsPerSecond: 17_600 }),
      router('c', { ready: false }),
      router('d', { participants: 99 }),
    ];
    expect(describePlacement(placeMeeting(known, DEMAND, undefined))).toBe(
      'b: a moreLoaded 0.540, b chosen 0.200, c notReady 0.040, d full 1.030',
    );
    expect(describePlacement(placeMeeting(known, DEMAND, 'a' as RouterId))).toBe(
      'a: a sticky 0.540, b notNeeded 0.200, c notReady 0.040, d full 1.030',
    );
    expect(describePlacement(placeMeeting([], DEMAND, undefined))).toBe('nowhere: no router is known');
  });
});

describe('reservations', () => {
  test('count until a report shows them, and no longer than five seconds', () => {
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
});
