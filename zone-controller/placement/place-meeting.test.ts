import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { commit, type Decision } from './decision.ts';
import { describeExplanation, MAX_VERDICTS } from './explanation.ts';
import { BANDS } from './load-bands.ts';
import { meetingDemand, withoutVideo } from './meeting-cost.ts';
import { type MeetingRequest, placeMeeting } from './place-meeting.ts';
import { anyRouters, LAB_POLICY, type LabRouter, NOW_MS, router, SEED, zoneOf } from './placement-lab.ts';
import { loadOf, roundedLimits } from './worker-limits.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

const MEETING = 'm' as MeetingId;
const NEW: MeetingRequest = { meeting: MEETING, nowMs: NOW_MS };
const people = fc.integer({ min: 1, max: 60 });

function placeOf(decision: Decision): string | undefined {
  return decision.outcome === 'placed' ? `${decision.place.router}/${decision.place.worker}` : undefined;
}

/** Whether there is room for sure: the load rounded up to a band, the demand measured against rounded limits. */
function hasRoom({ limits, used }: LabRouter, count: number): boolean {
  const demand = loadOf(meetingDemand(count, LAB_POLICY.media), roundedLimits(limits), LAB_POLICY.trunkReserve);
  return used.some((shares) => {
    const participants = Math.round(shares.participants * limits.participants) / limits.participants;
    const packets = Math.round(shares.packetsPerSecond * limits.packetsPerSecond) / limits.packetsPerSecond;
    const load = Math.max(participants, packets / (1 - LAB_POLICY.trunkReserve));
    return Math.ceil(load * BANDS - 1e-9) / BANDS + demand <= 1 + 1e-9;
  });
}

describe('a new meeting', () => {
  test('goes to a ready worker without taints and with room, and is refused only when there is none', () => {
    fc.assert(
      fc.property(anyRouters, people, (all, count) => {
        const zone = zoneOf(all);
        const decision = placeMeeting(zone, { ...NEW, people: count });
        const able = all.filter((each) => each.ready && each.taints.length === 0 && hasRoom(each, count));
        if (able.length > 0) expect(decision.outcome).toBe('placed');
        if (decision.outcome === 'refused') {
          const open = all
            .filter((each) => each.ready && each.taints.length === 0)
            .flatMap(({ id }) => zone.router(id) ?? []);
          const least = Math.min(
            2,
            ...open.map((each) => each.loadWith(NOW_MS, each.idlest, meetingDemand(count, LAB_POLICY.media))),
          );
          if (open.length <= 16) expect(least).toBeGreaterThan(1);
          return;
        }
        const chosen = all.find(({ id }) => id === decision.place.router);
        expect(chosen).toMatchObject({ ready: true, taints: [] });
        const demand = meetingDemand(count, LAB_POLICY.media);
        expect(zone.router(decision.place.router)?.loadWith(NOW_MS, decision.place.worker, demand)).toBeLessThanOrEqual(
          1,
        );
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('goes to the least loaded worker, within a band', () => {
    fc.assert(
      fc.property(anyRouters, (all) => {
        const same = all.map((each) => ({ ...each, limits: { participants: 500, packetsPerSecond: 300_000 } }));
        const zone = zoneOf(same);
        const decision = placeMeeting(zone, NEW);
        if (decision.outcome === 'refused') return;
        const load = zone.router(decision.place.router)?.load ?? 1;
        const open = same.flatMap(({ id }) => zone.router(id) ?? []);
        const lowest = Math.min(
          ...open
            .filter(({ standing, facts }) => standing === 'open' && facts.taints.length === 0)
            .map((each) => each.load),
        );
        expect(load - lowest).toBeLessThanOrEqual(1 / BANDS);
      }),
      { seed: SEED },
    );
  });

  test('of idle workers goes to the one that it fills least', () => {
    const small = router('a', [0], { limits: { participants: 10, packetsPerSecond: 300_000 } });
    for (let index = 0; index < 20; index++) {
      const request = { ...NEW, meeting: `m${index}` as MeetingId };
      expect(placeOf(placeMeeting(zoneOf([small, router('b', [0])]), request))).toBe('b/0');
    }
  });

  test('the same knowledge gives the same answer, in whatever order it came', () => {
    fc.assert(
      fc.property(anyRouters, people, (all, count) => {
        const request = { ...NEW, people: count };
        const first = placeMeeting(zoneOf(all), request);
        const again = zoneOf(all.toReversed());
        for (const { id, used } of all)
          again.report(
            NOW_MS,
            id,
            used.map((_, index) => ({ index, participants: 1, packetsPerSecond: 1 })),
          );
        expect(placeMeeting(rebuilt(again, all), request)).toEqual(first);
      }),
      { seed: SEED },
    );
  });

  test('more room never gives a refusal', () => {
    const less = fc.record({ index: fc.nat(19), factor: fc.constantFrom(0, 0.3, 0.9) });
    fc.assert(
      fc.property(anyRouters, anyRouters, people, less, (all, more, count, { index, factor }) => {
        const request = { ...NEW, people: count };
        fc.pre(placeMeeting(zoneOf(all), request).outcome === 'placed');
        const ids = new Set(all.map(({ id }) => id));
        const roomier = all.map((each, at) =>
          at !== index
            ? each
            : {
                ...each,
                used: each.used.map((used) => ({
                  participants: used.participants * factor,
                  packetsPerSecond: used.packetsPerSecond * factor,
                })),
              },
        );
        const more2 = [...roomier, ...more.filter(({ id }) => !ids.has(id))];
        expect(placeMeeting(zoneOf(more2), request).outcome).toBe('placed');
        expect(placeMeeting(zoneOf(more2), { ...request, people: 1 }).outcome).toBe('placed');
      }),
      { seed: SEED },
    );
  });

  test('with promises, a burst is spread evenly before any report comes', () => {
    const zone = zoneOf(['a', 'b', 'c', 'd'].map((id) => router(id, [0, 0])));
    const counts = new Map<string, number>();
    for (let index = 0; index < 800; index++) {
      const decision = placeMeeting(zone, { ...NEW, meeting: `m${index}` as MeetingId });
      if (decision.outcome === 'refused') throw new Error('refused');
      zone.reserve(NOW_MS, decision.reservations);
      const place = placeOf(decision) as string;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    // A band is about one meeting wide.
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(2);
  });

  test('goes back to the router it was on while that has room, and not to one that has just failed', () => {
    const zone = zoneOf([router('a', [0.5]), router('b', [0])]);
    expect(placeOf(placeMeeting(zone, { ...NEW, previous: 'a' as RouterId }))).toBe('a/0');
    expect(placeOf(placeMeeting(zone, { ...NEW, previous: 'a' as RouterId, people: 150 }))).toBe('b/0');
    const failed = new Set(['b' as RouterId]);
    expect(placeOf(placeMeeting(zone, { ...NEW, failed }))).toBe('a/0');
    expect(placeOf(placeMeeting(zoneOf([router('b', [0])]), { ...NEW, failed }))).toBe('b/0');
  });

  test('a taint is for meetings that ask for it, and they prefer it', () => {
    const canary = router('c', [0.5], { taints: ['canary'] });
    const zone = zoneOf([router('a', [0]), canary]);
    expect(placeOf(placeMeeting(zone, NEW))).toBe('a/0');
    expect(placeOf(placeMeeting(zone, { ...NEW, tolerate: 'canary' }))).toBe('c/0');
    expect(placeOf(placeMeeting(zone, { ...NEW, tolerate: 'canary', people: 120 }))).toBe('a/0');
    expect(placeOf(placeMeeting(zoneOf([canary]), NEW))).toBeUndefined();
  });

  test('near labels come first, the nearest of them foremost', () => {
    const zone = zoneOf([
      router('a', [0.6], { labels: { rack: '1', part: 'x' } }),
      router('b', [0.5], { labels: { rack: '2', part: 'x' } }),
      router('c', [0], { labels: { rack: '3', part: 'y' } }),
    ]);
    const near = { rack: '1', part: 'x' };
    expect(placeOf(placeMeeting(zone, { ...NEW, near }))).toBe('a/0');
    expect(placeOf(placeMeeting(zone, { ...NEW, near, people: 70 }))).toBe('b/0');
    expect(placeOf(placeMeeting(zone, { ...NEW, near, people: 150 }))).toBe('c/0');
  });

  test('routers that have not reported for two seconds get nothing, until they do', () => {
    const zone = zoneOf([router('a', [0])]);
    expect(placeMeeting(zone, { ...NEW, nowMs: NOW_MS + 1_999 }).outcome).toBe('placed');
    const later = { ...NEW, nowMs: NOW_MS + 2_000 };
    expect(placeMeeting(zone, later)).toMatchObject({ outcome: 'refused', explanation: { others: { notReady: 1 } } });
    zone.report(NOW_MS + 2_000, 'a' as RouterId, []);
    expect(placeMeeting(zone, later).outcome).toBe('placed');
  });

  test('a router that gets too many joins a second gets nothing new, until it has reported again', () => {
    const zone = zoneOf([router('a', [0])], { joinRate: { burst: 2, perSecond: 1 } });
    for (let index = 0; index < 2; index++) {
      const decision = placeMeeting(zone, NEW);
      if (decision.outcome === 'refused') throw new Error('refused');
      commit(zone, NOW_MS, decision);
    }
    expect(placeMeeting(zone, NEW)).toMatchObject({ outcome: 'refused', explanation: { others: { joinRate: 1 } } });
    zone.report(NOW_MS + 1_000, 'a' as RouterId, []);
    expect(placeMeeting(zone, { ...NEW, nowMs: NOW_MS + 1_000 }).outcome).toBe('placed');
  });
});

describe('when nothing has room', () => {
  const full = [router('a', [0.9]), router('b', [0.9])];

  test('those who are refused come back at different times', () => {
    const zone = zoneOf(full);
    const waits = Array.from({ length: 100 }, (_, index) => {
      const decision = placeMeeting(zone, { ...NEW, meeting: `m${index}` as MeetingId });
      return decision.outcome === 'refused' ? decision.retryAfterMs : 0;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(4_000);
    expect(new Set(waits).size).toBeGreaterThan(80);
  });

  test('sound only, if the policy says so and there is room for that', () => {
    expect(meetingDemand(1, LAB_POLICY.media).packetsPerSecond).toBe(150);
    expect(meetingDemand(1, withoutVideo(LAB_POLICY.media)).packetsPerSecond).toBe(50);
    const limits = { participants: 5_000, packetsPerSecond: 3_000 };
    const zone = zoneOf([router('a', [0.864], { limits })], { whenFull: 'audioOnly' });
    expect(placeMeeting(zone, NEW)).toMatchObject({ outcome: 'placed', media: 'audioOnly' });
    expect(placeMeeting(zoneOf([router('a', [0.9])], { whenFull: 'audioOnly' }), NEW).outcome).toBe('refused');
  });
});

test('for fewer than are expected, where there is no room for more', () => {
  const zone = zoneOf([router('a', [0.85], { limits: { participants: 500, packetsPerSecond: 20_000 } })]);
  expect(placeMeeting(zone, { ...NEW, people: 4 }).outcome).toBe('refused');
  expect(placeMeeting(zone, NEW)).toMatchObject({ outcome: 'placed', people: 1 });
});

describe('an explanation', () => {
  test('names few and counts the rest', () => {
    fc.assert(
      fc.property(anyRouters, people, (all, count) => {
        const { explanation } = placeMeeting(zoneOf(all), { ...NEW, people: count });
        const { verdicts, others } = explanation;
        expect(verdicts.length).toBeLessThanOrEqual(MAX_VERDICTS);
        const counted = Object.values(others).reduce((sum, routers) => sum + routers, 0);
        expect(verdicts.length + counted).toBe(all.length);
      }),
      { seed: SEED },
    );
  });

  test('reads as prose', () => {
    const zone = zoneOf([
      router('a', [0.2, 0.1]),
      router('b', [0.5]),
      router('c', [0], { ready: false }),
      router('d', [0.9]),
      router('e', [0], { taints: ['canary'] }),
    ]);
    expect(describeExplanation(placeMeeting(zone, NEW).explanation)).toBe(
      [
        'new meeting: 4 people, 2400 packets/s; 5 steps',
        'a/1: chosen, load 0.120',
        'b/0: more loaded, load 0.564',
        'others: 1 not ready; 1 no room; 1 only for meetings that ask for it',
      ].join('\n'),
    );
  });
});

/** Ends with the loads that the routers were drawn with, after a detour. */
function rebuilt(zone: ZoneCapacity, all: readonly LabRouter[]): ZoneCapacity {
  for (const { id, used, limits } of all) {
    const loads = used.map((shares, index) => ({
      index,
      participants: Math.round(shares.participants * limits.participants),
      packetsPerSecond: Math.round(shares.packetsPerSecond * limits.packetsPerSecond),
    }));
    zone.report(NOW_MS, id, loads);
  }
  return zone;
}
