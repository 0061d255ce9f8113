/** What changes a tree that nobody joins: shrinking, a lost router, rebalancing, a drain. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { treeDemands } from './meeting-cost.ts';
import { isSamePlace, type MeetingTree, peopleIn } from './meeting-tree.ts';
import { placeJoin } from './place-join.ts';
import { placeMeeting } from './place-meeting.ts';
import { anyRouters, anyTree, isSound, LAB_POLICY, NOW_MS, router, SEED, treeOf, zoneOf } from './placement-lab.ts';
import { planDrain } from './plan-drain.ts';
import { rerootTree } from './reroot-tree.ts';
import { shrinkTree } from './shrink-tree.ts';
import { suggestMoves } from './suggest-moves.ts';
import { fullForTrunks } from './worker-limits.ts';

const TRUNK_LIMIT = fullForTrunks(LAB_POLICY.trunkReserve);

const zones = anyRouters
  .filter((all) => all.length > 0)
  .chain((all) => fc.record({ all: fc.constant(all), tree: anyTree(all, 20) }));

describe('shrinking', () => {
  test('leaves the tree sound with everybody in it, and makes no overload', () => {
    fc.assert(
      fc.property(zones, ({ all, tree }) => {
        const zone = zoneOf(all);
        const shrink = shrinkTree(zone, tree, NOW_MS);
        if (shrink === undefined) return;
        expect(isSound(shrink.tree)).toBe(true);
        expect(shrink.tree.places).toHaveLength(tree.places.length - 1);
        expect(peopleIn(shrink.tree)).toBe(peopleIn(tree));
        for (const { router: id, worker, demand } of shrink.reservations) {
          const isTarget = shrink.to !== undefined && isSamePlace({ router: id, worker }, shrink.to);
          const limit = isTarget ? LAB_POLICY.shrinkBelow : TRUNK_LIMIT;
          expect(zone.router(id)?.loadWith(NOW_MS, worker, demand)).toBeLessThanOrEqual(limit);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('begins well below where growing ends, and not soon after a change', () => {
    const tree = treeOf(['a', 0, 40], ['b', 0, 4]);
    expect(shrinkTree(zoneOf([router('a', [0.5]), router('b', [0])]), tree, NOW_MS)).toMatchObject({
      from: { router: 'b' },
      to: { router: 'a' },
      people: 4,
    });
    expect(shrinkTree(zoneOf([router('a', [0.54]), router('b', [0])]), tree, NOW_MS)).toBeUndefined();
    const fresh = { ...tree, changedMs: NOW_MS - 59_999 };
    expect(shrinkTree(zoneOf([router('a', [0.5]), router('b', [0])]), fresh, NOW_MS)).toBeUndefined();
  });

  test('what has shrunk does not grow at the next join', () => {
    fc.assert(
      fc.property(zones, ({ all, tree }) => {
        const limits = { participants: 500, packetsPerSecond: 300_000 };
        const zone = zoneOf(all.map((each) => ({ ...each, limits, taints: [] })));
        fc.pre(tree.places.every((place) => (zone.router(place.router)?.highestLoad ?? 1) < 0.9));
        const shrink = shrinkTree(zone, tree, NOW_MS);
        if (shrink?.to === undefined) return;
        zone.reserve(NOW_MS, shrink.reservations);
        const decision = placeJoin(zone, shrink.tree, { nowMs: NOW_MS, who: 'ann' });
        if (decision.outcome === 'refused') throw new Error(decision.why);
        expect(decision.tree.places.length).toBe(shrink.tree.places.length);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('the last one leaves the root: the branch carries on alone', () => {
    const zone = zoneOf([router('a', [0]), router('b', [0.8])]);
    const shrink = shrinkTree(zone, treeOf(['a', 0, 0], ['b', 0, 90]), NOW_MS);
    expect(shrink?.tree.places).toEqual([{ router: 'b', worker: 0, parent: undefined, people: 90 }]);
    expect(shrink?.to).toBeUndefined();
  });
});

describe('a lost router', () => {
  test('leaves a sound tree without it; who was elsewhere stays there', () => {
    fc.assert(
      fc.property(zones, ({ all, tree }) => {
        const zone = zoneOf(all);
        const lost = tree.places[0]?.router as RouterId;
        zone.remove(lost);
        const decision = rerootTree(zone, tree, (id) => id === lost, NOW_MS);
        const rest = tree.places.filter(({ router: id }) => id !== lost);
        if (decision.outcome === 'refused') {
          expect(rest).toEqual([]);
          return;
        }
        expect(isSound(decision.tree)).toBe(true);
        expect(decision.tree.places.some(({ router: id }) => id === lost)).toBe(false);
        const people = ({ router: id, worker, people: count }: (typeof rest)[number]): string =>
          `${id}/${worker} ${count}`;
        if (rest.length > 0) expect(decision.tree.places.map(people).sort()).toEqual(rest.map(people).sort());
        else expect(peopleIn(decision.tree)).toBe(0);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('is no reason to give up places on routers that nothing is known of', () => {
    const zone = zoneOf([router('b', [0.1])]);
    const decision = rerootTree(zone, treeOf(['a', 0, 5], ['b', 0, 2], ['c', 0, 7]), (id) => id === 'a', NOW_MS);
    if (decision.outcome === 'refused') throw new Error(decision.why);
    expect(decision.tree.places).toEqual([
      { router: 'c', worker: 0, parent: undefined, people: 7 },
      { router: 'b', worker: 0, parent: 0, people: 2 },
    ]);
  });

  test('a meeting that was only there starts anew, with room for all if any worker has it', () => {
    const zone = zoneOf([router('b', [0.1]), router('c', [0.2], { labels: { rack: '1' } })]);
    const small = rerootTree(zone, treeOf(['a', 0, 50]), (id) => id === 'a', NOW_MS);
    expect(small).toMatchObject({
      outcome: 'placed',
      place: { router: 'b' },
      explanation: { demand: { participants: 50 } },
    });
    const large = rerootTree(zone, treeOf(['a', 0, 900]), (id) => id === 'a', NOW_MS);
    expect(large).toMatchObject({ outcome: 'placed', explanation: { demand: { participants: 4 } } });
  });
});

describe('rebalancing', () => {
  const meetings = (count: number, people: number, at = 0): MeetingTree[] =>
    Array.from({ length: count }, (_, index) => ({ ...treeOf(['a', at, people]), meeting: `m${index}` as MeetingId }));

  test('moves as little as relieves a worker, to one that is much less loaded, so many at a time', () => {
    const zone = zoneOf([router('a', [0.79, 0.8]), router('b', [0.5])]);
    const found = suggestMoves(zone, NOW_MS, 5, ({ worker }) => [
      ...meetings(1, 10, worker),
      ...meetings(1, 30, worker),
    ]);
    expect(found.map(({ from, to, people }) => [from.worker, to.router, people])).toEqual([
      [1, 'b', 10],
      [0, 'b', 10],
    ]);
    expect(suggestMoves(zone, NOW_MS, 1, ({ worker }) => meetings(1, 10, worker))).toHaveLength(1);
  });

  test('leaves alone what changed a short time ago, what is spread, and a zone that is full everywhere', () => {
    const zone = zoneOf([router('a', [0.8]), router('b', [0.5])]);
    const fresh = meetings(3, 10).map((tree) => ({ ...tree, changedMs: NOW_MS - 1_000 }));
    expect(suggestMoves(zone, NOW_MS, 5, () => fresh)).toEqual([]);
    expect(suggestMoves(zone, NOW_MS, 5, () => [treeOf(['a', 0, 10], ['b', 0, 1])])).toEqual([]);
    const full = zoneOf([router('a', [0.8]), router('b', [0.7])]);
    expect(suggestMoves(full, NOW_MS, 5, () => meetings(3, 10))).toEqual([]);
  });
});

describe('a drain', () => {
  test('moves everybody it can, the largest first, in waves, and overloads nobody', () => {
    fc.assert(
      fc.property(
        anyRouters,
        fc.array(fc.nat(60), { maxLength: 30 }),
        fc.integer({ min: 1, max: 100 }),
        (all, sizes, atOnce) => {
          const leaving = router('leaving', [0.5, 0.5], { taints: ['draining'] });
          const zone = zoneOf([...all, leaving]);
          const meetings = sizes.map((people, index) => ({
            ...treeOf(['leaving', index % 2, people]),
            meeting: `m${index}` as MeetingId,
          }));
          const before = JSON.stringify(placeMeeting(zone, { meeting: 'x' as MeetingId, nowMs: NOW_MS }));
          const { waves, stuck } = planDrain(zone, 'leaving' as RouterId, meetings, NOW_MS, atOnce);
          const moves = waves.flat();
          expect(moves.length + stuck.length).toBe(meetings.length);
          const people = moves.map((move) => move.people);
          expect(people).toEqual(people.toSorted((a, b) => b - a));
          for (const wave of waves) {
            const sum = wave.reduce((total, move) => total + move.people, 0);
            expect(wave.length === 1 || sum <= atOnce).toBe(true);
          }
          // It was only a plan.
          expect(JSON.stringify(placeMeeting(zone, { meeting: 'x' as MeetingId, nowMs: NOW_MS }))).toBe(before);
          for (const { to, reservations, tree } of moves) {
            expect(isSound(tree)).toBe(true);
            expect(tree.places.some(({ router: id }) => id === 'leaving')).toBe(false);
            zone.reserve(NOW_MS, reservations);
            expect(
              zone.router(to.router)?.loadWith(NOW_MS, to.worker, { participants: 0, packetsPerSecond: 0 }),
            ).toBeLessThanOrEqual(1);
          }
        },
      ),
      { seed: SEED },
    );
  });

  test('takes a place of a spread meeting over as it is, with its branches', () => {
    const zone = zoneOf([router('a', [0.1], { taints: ['draining'] }), router('b', [0.1]), router('c', [0])]);
    const tree = treeOf(['a', 0, 5], ['b', 0, 7]);
    const { waves, stuck } = planDrain(zone, 'a' as RouterId, [tree], NOW_MS, 100);
    expect(stuck).toEqual([]);
    expect(waves.flat()[0]?.tree.places).toEqual([
      { router: 'c', worker: 0, parent: undefined, people: 5 },
      { router: 'b', worker: 0, parent: 0, people: 7 },
    ]);
    expect(waves.flat()[0]?.reservations[0]?.demand).toEqual(treeDemands(tree, LAB_POLICY.media)[0]);
  });
});
