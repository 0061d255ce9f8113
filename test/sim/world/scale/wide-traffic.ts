/**
 * What a meeting sends between zones, bits a second: along its tree, straight from each zone to each other, or when everybody is at the
 * home zone. By the planner's own figures of what people send and watch (trees/expected-media.ts).
 */
import type { ZoneId } from '../../../../common/ids.ts';
import { expectedOffersBps, expectedWatches } from '../../../../global-controller/trees/expected-media.ts';
import type { ZoneTree } from '../../../../global-controller/trees/zone-tree.ts';

export interface Traffic {
  bps: number;
  /** Each bit times how far it goes. */
  bpsKm: number;
}

interface Demand {
  readonly zone: ZoneId;
  readonly offersBps: number;
  /** Share of what the others offer. */
  readonly watches: number;
}

export type KmBetween = (a: ZoneId, b: ZoneId) => number;

function demandsOf(people: ReadonlyMap<ZoneId, number>): Demand[] {
  const all = [...people.values()].reduce((sum, each) => sum + each, 0);
  return [...people].map(([zone, each]) => ({
    zone,
    offersBps: expectedOffersBps(each),
    watches: expectedWatches(each, all - each),
  }));
}

export function treeTraffic(tree: ZoneTree, people: ReadonlyMap<ZoneId, number>, km: KmBetween): Traffic {
  const demands = demandsOf(people);
  const traffic = { bps: 0, bpsKm: 0 };
  for (const { zone, parent } of tree.edges) {
    const below = zonesBelow(tree, zone);
    const inside = demands.filter((demand) => below.has(demand.zone));
    const outside = demands.filter((demand) => !below.has(demand.zone));
    add(traffic, across(inside, outside) + across(outside, inside), km(zone, parent));
  }
  return traffic;
}

/** From each source's zone to the zone of each who watches. */
export function starTraffic(people: ReadonlyMap<ZoneId, number>, km: KmBetween): Traffic {
  const demands = demandsOf(people);
  const traffic = { bps: 0, bpsKm: 0 };
  for (const from of demands) {
    for (const to of demands) if (from !== to) add(traffic, across([from], [to]), km(from.zone, to.zone));
  }
  return traffic;
}

/** One zone has the meeting; who is nearer to another one reaches it over the wide area, each with streams of his own. */
export function oneZoneTraffic(home: ZoneId, people: ReadonlyMap<ZoneId, number>, km: KmBetween): Traffic {
  const all = [...people.values()].reduce((sum, each) => sum + each, 0);
  const traffic = { bps: 0, bpsKm: 0 };
  for (const [zone, count] of people) {
    if (zone === home) continue;
    const down = expectedOffersBps(all - 1) * expectedWatches(1, all - 1);
    add(traffic, count * (expectedOffersBps(1) + down), km(zone, home));
  }
  return traffic;
}

function across(from: readonly Demand[], to: readonly Demand[]): number {
  const offered = from.reduce((sum, { offersBps }) => sum + offersBps, 0);
  return offered * Math.max(0, ...to.map(({ watches }) => watches));
}

function add(traffic: Traffic, bps: number, km: number): void {
  traffic.bps += bps;
  traffic.bpsKm += bps * km;
}

function zonesBelow({ edges }: ZoneTree, zone: ZoneId): Set<ZoneId> {
  const below = new Set([zone]);
  // A parent stands before its children.
  for (const edge of edges) if (below.has(edge.parent)) below.add(edge.zone);
  return below;
}
