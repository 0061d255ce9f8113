import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { placeMeeting } from './place-meeting.ts';
import { LAB_POLICY, NOW_MS, router, SEED, zoneOf } from './placement-lab.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

const A = 'a' as RouterId;
const NOTHING = { participants: 0, packetsPerSecond: 0 };

/** What a router's workers are expected to carry. */
function expected(zone: ZoneCapacity, nowMs: number): unknown[] {
  const known = zone.router(A);
  return Array.from({ length: known?.workers ?? 0 }, (_, worker) => known?.expected(nowMs, worker));
}

describe('what is known of a zone', () => {
  test('promises are counted for their worker until a report shows them, and reports replace each other', () => {
    const zone = zoneOf([router('a', [0, 0.1])]);
    const demand = { participants: 2, packetsPerSecond: 600 };
    zone.reserve(NOW_MS, [
      { router: A, worker: 1, demand },
      { router: A, worker: 1, demand },
      { router: 'gone' as RouterId, worker: 0, demand },
      { router: A, worker: 7, demand },
    ]);
    expect(expected(zone, NOW_MS)).toEqual([NOTHING, { participants: 4, packetsPerSecond: 31_200 }]);
    zone.report(NOW_MS + 2_500, A, [{ index: 1, participants: 4, packetsPerSecond: 31_000 }]);
    expect(expected(zone, NOW_MS + 2_500)).toEqual([NOTHING, { participants: 4, packetsPerSecond: 31_000 }]);
  });

  test('tentative promises leave nothing behind, even when the plan throws', () => {
    const zone = zoneOf([router('a', [0, 0.1])]);
    const before = expected(zone, NOW_MS);
    const plan = (): never =>
      zone.tentatively(NOW_MS, (reserve) => {
        reserve([{ router: A, worker: 0, demand: { participants: 1, packetsPerSecond: 100 } }]);
        expect(expected(zone, NOW_MS)).not.toEqual(before);
        throw new Error('no plan');
      });
    expect(plan).toThrow('no plan');
    expect(expected(zone, NOW_MS)).toEqual(before);
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'a router that reports %d gets nothing, until it reports sense',
    (nonsense) => {
      const zone = zoneOf([router('a', [0])]);
      const request = { meeting: 'm' as MeetingId, nowMs: NOW_MS };
      zone.report(NOW_MS, A, [{ index: 0, participants: 0, packetsPerSecond: nonsense }]);
      expect(placeMeeting(zone, request).outcome).toBe('refused');
      zone.report(NOW_MS, A, [{ index: 0, participants: 0, packetsPerSecond: 0 }]);
      expect(placeMeeting(zone, request).outcome).toBe('placed');
    },
  );

  test('a router without room for anything is refused, and changes nothing', () => {
    const zone = zoneOf([router('a', [0])]);
    const facts = { ...router('a', [0]), limits: { participants: 0, packetsPerSecond: 1 } };
    expect(() => zone.put(NOW_MS, A, facts)).toThrow(RangeError);
    expect(() => zone.put(NOW_MS, 'b' as RouterId, facts)).toThrow(RangeError);
    expect(zone.size).toBe(1);
    expect(placeMeeting(zone, { meeting: 'm' as MeetingId, nowMs: NOW_MS }).outcome).toBe('placed');
  });

  test('goes by other numbers from one moment to the next, and keeps what was promised', () => {
    const zone = zoneOf([router('a', [0.6]), router('b', [0.7])], { joinRate: { burst: 1, perSecond: 0.001 } });
    const request = { meeting: 'm' as MeetingId, nowMs: NOW_MS };
    const demand = { participants: 2, packetsPerSecond: 600 };
    zone.reserve(NOW_MS, [{ router: A, worker: 0, demand }]);
    zone.countJoin(NOW_MS, A);
    expect(zone.standings).toMatchObject({ open: 1, joinRate: 1 });
    zone.usePolicy(NOW_MS, { ...LAB_POLICY, trunkReserve: 0.5 });
    expect(zone.standings).toMatchObject({ open: 2, joinRate: 0 });
    expect(placeMeeting(zone, request).outcome).toBe('refused');
    zone.usePolicy(NOW_MS, LAB_POLICY);
    expect(placeMeeting(zone, request)).toMatchObject({ outcome: 'placed', place: { router: A } });
    expect(expected(zone, NOW_MS)).toEqual([{ participants: 2, packetsPerSecond: 180_600 }]);
    zone.usePolicy(NOW_MS + 1_900, { ...LAB_POLICY, reportStaleMs: 60_000 });
    zone.expire(NOW_MS + 30_000);
    expect(zone.standings.open).toBe(2);
    zone.expire(NOW_MS + 60_000);
    expect(zone.standings).toMatchObject({ open: 0, notReady: 2 });
  });

  test('counts who is open and who is not, whatever happens', () => {
    const event = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('put', 'report', 'remove', 'reserve', 'join', 'wait'),
      ready: fc.boolean(),
      taint: fc.constantFrom('', '', 'draining', 'no-new', 'canary'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const zone = zoneOf([], { joinRate: { burst: 2, perSecond: 1 } });
        let nowMs = NOW_MS;
        for (const { id, kind, ready, taint } of events) {
          const named = id as RouterId;
          const facts = router(id, [0, 0], { ready, taints: taint === '' ? [] : [taint] });
          if (kind === 'put') zone.put(nowMs, named, facts);
          if (kind === 'report') zone.report(nowMs, named, [{ index: 0, participants: 480, packetsPerSecond: 9 }]);
          if (kind === 'remove') zone.remove(named);
          if (kind === 'reserve')
            zone.reserve(nowMs, [{ router: named, worker: 0, demand: { participants: 1, packetsPerSecond: 9 } }]);
          if (kind === 'join') zone.countJoin(nowMs, named);
          if (kind === 'wait') nowMs += 3_000;
          zone.expire(nowMs);
          const known = ['a', 'b', 'c'].flatMap((each) => zone.router(each as RouterId) ?? []);
          for (const [standing, count] of Object.entries(zone.standings)) {
            expect(count).toBe(known.filter((each) => each.standing === standing).length);
          }
          const open = known.filter(({ standing, facts: { taints } }) => standing === 'open' && taints.length === 0);
          const { withRoom, full } = zone.index.count('', NOTHING);
          expect(withRoom + full).toBe(open.length);
          expect(zone.hot).toEqual(known.filter(({ highestLoad }) => highestLoad > LAB_POLICY.rebalanceAbove));
          expect(known.some((each) => each.standing === 'open' && each.isStale(nowMs))).toBe(false);
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});

test.each([10, 100, 1_000, 10_000])(
  'a decision among %d routers takes a few steps, however they are loaded',
  (count) => {
    for (const load of [() => 0, (index: number) => (index % 90) / 100, () => 0.895]) {
      const zone = zoneOf(Array.from({ length: count }, (_, index) => router(`r${index}`, [load(index), 0.9])));
      for (let index = 0; index < 50; index++) {
        const decision = placeMeeting(zone, { meeting: `m${index}` as MeetingId, nowMs: NOW_MS });
        if (decision.outcome === 'placed') zone.reserve(NOW_MS, decision.reservations);
        expect(decision.explanation.steps).toBeLessThan(20);
      }
    }
  },
);
