/** Zones for the tests of placement: made by hand, or drawn. */
import fc from 'fast-check';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { RouterFacts } from './known-router.ts';
import type { Demand } from './meeting-cost.ts';
import type { MeetingTree, TreePlace } from './meeting-tree.ts';
import { DEFAULT_POLICY, type PlacementPolicy } from './placement-policy.ts';
import { ZoneCapacity } from './zone-capacity.ts';

export const NOW_MS = 1_000_000;
export const SEED = 11;

export interface LabRouter extends RouterFacts {
  readonly id: RouterId;
  /** By worker; shares of its limits. */
  readonly used: readonly { readonly participants: number; readonly packetsPerSecond: number }[];
}

/** What the loads in the tests are written for, whatever the defaults become. */
export const LAB_POLICY: PlacementPolicy = { ...DEFAULT_POLICY, trunkReserve: 0.1, rebalanceAbove: 0.85 };
const LIMITS: Demand = { participants: 500, packetsPerSecond: 300_000 };

/** Ready, without taints; `loads` are shares of the packets, a worker each. */
export function router(id: string, loads: readonly number[], fields: Partial<LabRouter> = {}): LabRouter {
  return {
    id: id as RouterId,
    ready: true,
    labels: {},
    taints: [],
    workers: loads.length,
    limits: LIMITS,
    used: loads.map((packetsPerSecond) => ({ participants: 0, packetsPerSecond })),
    ...fields,
  };
}

export function zoneOf(routers: readonly LabRouter[], policy: Partial<PlacementPolicy> = {}): ZoneCapacity {
  const zone = new ZoneCapacity({ ...LAB_POLICY, ...policy });
  for (const each of routers) {
    zone.put(NOW_MS, each.id, each);
    const loads = each.used.map((used, index) => ({
      index,
      participants: Math.round(used.participants * each.limits.participants),
      packetsPerSecond: Math.round(used.packetsPerSecond * each.limits.packetsPerSecond),
    }));
    zone.report(NOW_MS, each.id, loads);
  }
  return zone;
}

/** Each place: router, worker, people, and its parent's index. */
export function treeOf(...places: readonly (readonly [string, number, number, number?])[]): MeetingTree {
  return {
    meeting: 'm' as MeetingId,
    places: places.map(
      ([id, worker, people, parent], index): TreePlace => ({
        router: id as RouterId,
        worker,
        people,
        parent: index === 0 ? undefined : (parent ?? 0),
      }),
    ),
    changedMs: 0,
  };
}

const share = fc.nat(1_050).map((thousandths) => thousandths / 1_000);
const name = fc.nat(60).map((number) => `r${number}` as RouterId);

/** A zone of up to 20 routers of all sorts and loads. */
export const anyRouters: fc.Arbitrary<LabRouter[]> = fc.uniqueArray(
  fc
    .record({
      id: name,
      ready: fc.constantFrom(true, true, true, false),
      labels: fc.record({ rack: fc.constantFrom('a', 'b', 'c'), part: fc.constantFrom('x', 'y') }),
      taints: fc.constantFrom<readonly string[]>([], [], [], [], ['canary'], ['draining'], ['no-new']),
      limits: fc.constantFrom(
        LIMITS,
        { participants: 100, packetsPerSecond: 100_000 },
        { participants: 7, packetsPerSecond: 9_999 },
      ),
      used: fc.array(fc.record({ participants: share, packetsPerSecond: share }), { minLength: 1, maxLength: 4 }),
    })
    .map((drawn) => ({ ...drawn, workers: drawn.used.length })),
  { selector: ({ id }) => id, maxLength: 20 },
);

/** A tree on workers of these routers, each worker once. */
export function anyTree(routers: readonly LabRouter[], maxPeople = 200): fc.Arbitrary<MeetingTree> {
  const workers = routers.flatMap(({ id, used }) => used.map((_, worker) => ({ router: id, worker })));
  return fc
    .record({
      at: fc.shuffledSubarray(workers, { minLength: 1, maxLength: Math.min(8, workers.length) }),
      people: fc.array(fc.nat(maxPeople), { minLength: 8, maxLength: 8 }),
      parents: fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 }),
    })
    .map(({ at, people, parents }) => {
      const depths: number[] = [];
      const places = at.map((place, index): TreePlace => {
        const fit = [...depths.keys()].filter((each) => (depths[each] ?? 0) < LAB_POLICY.maxDepth);
        const parent = index === 0 ? undefined : fit[(parents[index] ?? 0) % fit.length];
        depths.push(parent === undefined ? 0 : (depths[parent] ?? 0) + 1);
        return { ...place, people: people[index] ?? 0, parent };
      });
      return { meeting: 'm' as MeetingId, places, changedMs: 0 };
    });
}

/** What holds of every tree: one root, no loop, nothing deeper than the policy says, no worker twice. */
export function isSound({ places }: MeetingTree): boolean {
  const workers = new Set(places.map(({ router: id, worker }) => `${id}/${worker}`));
  const depths: number[] = [];
  for (const [index, { parent }] of places.entries()) {
    if (index === 0 ? parent !== undefined : parent === undefined || !(parent < index)) return false;
    depths.push(parent === undefined ? 0 : (depths[parent] ?? 0) + 1);
  }
  return places.length > 0 && workers.size === places.length && Math.max(...depths) <= LAB_POLICY.maxDepth;
}
