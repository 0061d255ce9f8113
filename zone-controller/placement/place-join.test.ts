import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RouterId } from '../../common/ids.ts';
import { commit, type Decision, type PlacedDecision } from './decision.ts';
import { describeExplanation } from './explanation.ts';
import { isSamePlace, type MeetingTree, peopleIn } from './meeting-tree.ts';
import { placeJoin } from './place-join.ts';
import { anyRouters, anyTree, isSound, LAB_POLICY, NOW_MS, router, SEED, treeOf, zoneOf } from './placement-lab.ts';
import { fullForTrunks } from './worker-limits.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

const JOIN = { nowMs: NOW_MS, who: 'ann' };
const zones = anyRouters
  .filter((all) => all.length > 0)
  .chain((all) => fc.record({ all: fc.constant(all), tree: anyTree(all) }));

function placed(decision: Decision): PlacedDecision {
  if (decision.outcome === 'refused') throw new Error(describeExplanation(decision.explanation));
  return decision;
}

function nameOf(decision: Decision): string {
  const { place } = placed(decision);
  return `${place.router}/${place.worker}`;
}

describe('a join', () => {
  test('keeps the tree sound, and overloads nobody', () => {
    fc.assert(
      fc.property(zones, ({ all, tree }) => {
        const zone = zoneOf(all);
        const decision = placeJoin(zone, tree, JOIN);
        if (decision.outcome === 'refused') return;
        const { place, tree: after, reservations } = decision;
        expect(isSound(after)).toBe(true);
        expect(peopleIn(after)).toBe(peopleIn(tree) + 1);
        const isNew = after.places.length > tree.places.length;
        const standing = zone.router(place.router);
        expect(standing?.facts.taints).not.toContain('draining');
        if (isNew) expect(standing?.standing).toBe('open');
        for (const { router: id, worker, demand } of reservations) {
          const limit = isSamePlace({ router: id, worker }, place) ? 1 : fullForTrunks(LAB_POLICY.trunkReserve);
          expect(zone.router(id)?.loadWith(NOW_MS, worker, demand)).toBeLessThanOrEqual(limit + 1e-9);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('goes to the root while that has room, and makes a branch only when no place has', () => {
    fc.assert(
      fc.property(zones, ({ all, tree }) => {
        const decision = placeJoin(zoneOf(all), tree, JOIN);
        const [root] = tree.places;
        const verdicts = decision.explanation.verdicts.filter(({ router: id, worker }) =>
          tree.places.some((place) => isSamePlace(place, { router: id, worker: worker ?? -1 })),
        );
        if (decision.outcome === 'placed' && decision.tree.places.length > tree.places.length) {
          for (const { reason } of verdicts)
            expect(['full', 'keptFree', 'trunkFull', 'draining', 'lost']).toContain(reason);
          expect(new Set(verdicts.map(({ router: id, worker }) => `${id}/${worker}`)).size).toBe(tree.places.length);
        } else if (decision.outcome === 'placed') {
          expect(isSamePlace(decision.place, root as never) || verdicts[0]?.reason !== 'kept').toBe(true);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('the same knowledge gives the same answer', () => {
    fc.assert(
      fc.property(zones, ({ all, tree }) => {
        expect(placeJoin(zoneOf(all.toReversed()), tree, JOIN)).toEqual(placeJoin(zoneOf(all), tree, JOIN));
      }),
      { seed: SEED },
    );
  });

  test('a less loaded zone never refuses what a more loaded one takes', () => {
    fc.assert(
      fc.property(zones, fc.constantFrom(0, 0.5, 0.95), ({ all, tree }, factor) => {
        fc.pre(placeJoin(zoneOf(all), tree, JOIN).outcome === 'placed');
        const roomier = all.map((each) => ({
          ...each,
          used: each.used.map(({ participants, packetsPerSecond }) => ({
            participants: participants * factor,
            packetsPerSecond: packetsPerSecond * factor,
          })),
        }));
        expect(placeJoin(zoneOf(roomier), tree, JOIN).outcome).toBe('placed');
      }),
      { seed: SEED },
    );
  });
});

describe('growth', () => {
  const labels = { rack: '1', part: 'x' };

  test('stays on the router while that has a worker, then goes near', () => {
    const zone = zoneOf([
      router('a', [0.9, 0.3, 0.2], { labels }),
      router('b', [0.4], { labels }),
      router('c', [0], { labels: { rack: '2', part: 'x' } }),
    ]);
    const first = placed(placeJoin(zone, treeOf(['a', 0, 100]), JOIN));
    expect(nameOf(first)).toBe('a/2');
    const more = treeOf(['a', 0, 100], ['a', 1, 100], ['a', 2, 100]);
    const full = zoneOf([
      router('a', [0.9, 0.9, 0.9], { labels }),
      router('b', [0.4], { labels }),
      router('c', [0], { labels: { rack: '2', part: 'x' } }),
    ]);
    expect(nameOf(placeJoin(full, more, JOIN))).toBe('b/0');
    expect(nameOf(placeJoin(full, more, { ...JOIN, spreadOver: 'rack' }))).toBe('c/0');
  });

  test('spreads only if it can', () => {
    const zone = zoneOf([router('a', [0.9], { labels }), router('b', [0.4], { labels })]);
    expect(nameOf(placeJoin(zone, treeOf(['a', 0, 100]), { ...JOIN, spreadOver: 'rack' }))).toBe('b/0');
  });

  test('a further worker of a router hangs on the one that is there: media comes to a router once', () => {
    const zone = zoneOf([router('a', [0.9]), router('b', [0.9, 0])]);
    const { tree } = placed(placeJoin(zone, treeOf(['a', 0, 100], ['b', 0, 100]), JOIN));
    expect(tree.places[2]).toEqual({ router: 'b', worker: 1, parent: 1, people: 1 });
  });

  test('is refused when no place of the tree has room for a trunk, and when there are too many places', () => {
    const zone = zoneOf([router('a', [1]), router('b', [0])]);
    expect(placeJoin(zone, treeOf(['a', 0, 100]), JOIN)).toMatchObject({ outcome: 'refused', why: 'trunkFull' });
    const small = zoneOf([router('a', [0.9]), router('b', [0])], { maxPlaces: 1 });
    expect(placeJoin(small, treeOf(['a', 0, 100]), JOIN)).toMatchObject({ outcome: 'refused', why: 'tooManyPlaces' });
    const gone = zoneOf([router('b', [0])]);
    expect(placeJoin(gone, treeOf(['a', 0, 100]), JOIN)).toMatchObject({ outcome: 'refused', why: 'lost' });
  });

  test('a place on a lost router keeps nobody from joining elsewhere', () => {
    const zone = zoneOf([router('a', [0])]);
    expect(nameOf(placeJoin(zone, treeOf(['a', 0, 9], ['gone', 0, 9]), JOIN))).toBe('a/0');
    expect(nameOf(placeJoin(zone, treeOf(['gone', 0, 9], ['a', 0, 9]), JOIN))).toBe('a/0');
  });

  test('a router that does not report any more gets nobody, not even for meetings that it has', () => {
    const zone = zoneOf([router('a', [0]), router('b', [0])]);
    const nowMs = NOW_MS + 2_000;
    zone.report(nowMs, 'b' as RouterId, []);
    const tree = treeOf(['a', 0, 4]);
    expect(nameOf(placeJoin(zone, tree, { ...JOIN, nowMs: nowMs - 1 }))).toBe('a/0');
    const elsewhere = placed(placeJoin(zone, tree, { ...JOIN, nowMs }));
    expect(elsewhere).toMatchObject({ place: { router: 'b', worker: 0 }, tree: { places: [{}, { parent: 0 }] } });
    expect(elsewhere.explanation.verdicts[0]).toMatchObject({ router: 'a', reason: 'silent' });
    zone.report(nowMs, 'a' as RouterId, []);
    expect(nameOf(placeJoin(zone, tree, { ...JOIN, nowMs }))).toBe('a/0');
  });

  test('one that has not reported yet gets those of its meetings', () => {
    const zone = zoneOf([]);
    zone.put(NOW_MS, 'a' as RouterId, router('a', [0]));
    expect(nameOf(placeJoin(zone, treeOf(['a', 0, 4]), JOIN))).toBe('a/0');
  });

  test('many joins at once wait instead of spreading the meeting', () => {
    const zone = zoneOf([router('a', [0]), router('b', [0])], { joinRate: { burst: 3, perSecond: 1 } });
    const tree = join(zone, treeOf(['a', 0, 1]), 3);
    expect(tree.places).toEqual([{ router: 'a', worker: 0, parent: undefined, people: 4 }]);
    expect(placeJoin(zone, tree, JOIN)).toMatchObject({ outcome: 'refused', why: 'joinRate' });
  });

  test('a meeting of a thousand: few workers, all sound, none overloaded, and nobody refused', () => {
    const routers = Array.from({ length: 40 }, (_, index) =>
      router(`r${index}`, [0.3, 0.3], { labels: { rack: `${index % 4}`, part: 'x' } }),
    );
    const zone = zoneOf(routers, { joinRate: { burst: 2_000, perSecond: 1 } });
    const tree = join(zone, treeOf(['r0', 0, 1]), 999);
    expect(isSound(tree)).toBe(true);
    expect(peopleIn(tree)).toBe(1_000);
    expect(tree.places.length).toBeLessThan(20);
    const racks = new Set(tree.places.map(({ router: id }) => zone.router(id)?.facts.labels.rack));
    expect([...racks]).toEqual(['0']);
    for (const { id } of routers) {
      expect(zone.router(id as RouterId)?.highestLoad).toBeLessThanOrEqual(fullForTrunks(LAB_POLICY.trunkReserve));
    }
  });
});

test('with sound only for those who are too many, if the policy says so', () => {
  const zone = zoneOf([router('a', [0.895], { limits: { participants: 5_000, packetsPerSecond: 300_000 } })], {
    whenFull: 'audioOnly',
  });
  expect(placeJoin(zone, treeOf(['a', 0, 9]), JOIN)).toMatchObject({ outcome: 'placed', media: 'audioOnly' });
});

test('an explanation reads as prose', () => {
  const zone = zoneOf([router('a', [0.9], { labels: { rack: '1' } }), router('b', [0.4]), router('c', [0.95])]);
  const decision = placeJoin(zone, treeOf(['a', 0, 100]), JOIN);
  expect(describeExplanation(decision.explanation)).toBe(
    [
      'join: 8 people, 18100 packets/s; 5 steps',
      'a/0: no room, load 1.006',
      'b/0: chosen, load 0.511',
      'others: 2 no room',
    ].join('\n'),
  );
});

test('a worker that has too many people can still get a trunk: it brings no people', () => {
  const crowded = router('a', [0.1], { used: [{ participants: 1.4, packetsPerSecond: 0.1 }] });
  const zone = zoneOf([crowded, router('b', [0.1])]);
  expect(nameOf(placeJoin(zone, treeOf(['a', 0, 10]), JOIN))).toBe('b/0');
});

function join(zone: ZoneCapacity, start: MeetingTree, count: number): MeetingTree {
  let tree = start;
  for (let index = 0; index < count; index++) {
    const decision = placed(placeJoin(zone, tree, { ...JOIN, who: `${index}` }));
    commit(zone, NOW_MS, decision);
    ({ tree } = decision);
  }
  return tree;
}
