/**
 * What a tree is planned for, in numbers: zones are indices. The objective of a tree is, in milliseconds,
 *
 *   mean delay between two people in different zones  +  msPerPrice × price of the bytes per person and hour
 *
 * Both parts are sums over edges: an edge delays all pairs of people on its two sides, and carries to each side what is
 * offered on the other, as far as the zone that watches most there wants it.
 */
import type { ZoneId } from '../../common/ids.ts';

export interface TreeProblem {
  /** In order of names. */
  readonly zones: readonly ZoneId[];
  readonly root: number;
  /** People for the delay; 0 in a zone that is only on the way. */
  readonly weights: readonly number[];
  /** What all people of the zone send, bits a second. */
  readonly offersBps: readonly number[];
  /** Share of what the others offer that is watched there, 0–1. */
  readonly watches: readonly number[];
  /** Of a gigabyte that leaves the zone. */
  readonly prices: readonly number[];
  /** Of an edge, both ways alike; Infinity: there can be none. */
  readonly delayMs: readonly (readonly number[])[];
  readonly maxDepth: number;
  readonly msPerPrice: number;
}

/** A tree by its parents; NONE for the root, and for zones that are not in the tree. */
export type Parents = number[];
export const NONE = -1;

const SECONDS_PER_HOUR = 3_600;
const BITS_PER_GB = 8e9;

/** The smaller the better. Parents must make a tree (`orderOf`). */
export function costOf(problem: TreeProblem, parents: Parents): number {
  const { zones, weights, offersBps, watches, prices, delayMs, msPerPrice, root } = problem;
  const order = orderOf(problem, parents);
  const people = order.reduce((sum, zone) => sum + at(weights, zone), 0);
  const offered = order.reduce((sum, zone) => sum + at(offersBps, zone), 0);
  // Of the subtree below a zone, from the leaves up.
  const weightBelow = zones.map((_, zone) => at(weights, zone));
  const offersBelow = zones.map((_, zone) => at(offersBps, zone));
  const watchesBelow = zones.map((_, zone) => at(watches, zone));
  for (const zone of order.toReversed()) {
    const parent = at(parents, zone);
    if (zone === root || parent === NONE) continue;
    weightBelow[parent] = at(weightBelow, parent) + at(weightBelow, zone);
    offersBelow[parent] = at(offersBelow, parent) + at(offersBelow, zone);
    watchesBelow[parent] = Math.max(at(watchesBelow, parent), at(watchesBelow, zone));
  }
  const watchesAbove = watchesOutside(problem, parents, order, watchesBelow);
  let delay = 0;
  let pricePerHour = 0;
  for (const zone of order) {
    const parent = at(parents, zone);
    if (zone === root) continue;
    delay += at(delayMs[zone] ?? [], parent) * at(weightBelow, zone) * (people - at(weightBelow, zone));
    const up = at(offersBelow, zone) * at(watchesAbove, zone) * at(prices, zone);
    const down = (offered - at(offersBelow, zone)) * at(watchesBelow, zone) * at(prices, parent);
    pricePerHour += ((up + down) * SECONDS_PER_HOUR) / BITS_PER_GB;
  }
  const pairs = pairsApart(order.map((zone) => at(weights, zone)));
  return (pairs > 0 ? delay / pairs : 0) + (people > 0 ? (msPerPrice * pricePerHour) / people : 0);
}

/** The zones of the tree, the root first and parents before their children. What hangs on nothing is not in it. */
export function orderOf({ zones, root }: TreeProblem, parents: Parents): number[] {
  const order = [root];
  for (let index = 0; index < order.length; index++) {
    const parent = order[index];
    for (let zone = 0; zone < zones.length; zone++) if (zone !== root && parents[zone] === parent) order.push(zone);
  }
  return order;
}

/** For each zone: the most that a zone outside the subtree below it watches. */
function watchesOutside(
  { watches, root }: TreeProblem,
  parents: Parents,
  order: readonly number[],
  watchesBelow: readonly number[],
): number[] {
  const outside = watches.map(() => 0);
  for (const zone of order) {
    if (zone === root) continue;
    const parent = at(parents, zone);
    let most = Math.max(at(outside, parent), at(watches, parent));
    for (const sibling of order) {
      if (sibling !== zone && sibling !== root && parents[sibling] === parent)
        most = Math.max(most, at(watchesBelow, sibling));
    }
    outside[zone] = most;
  }
  return outside;
}

/** Pairs of people who are in different zones. */
function pairsApart(weights: readonly number[]): number {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const together = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return (all * all - together) / 2;
}

/** Every index here is a zone's. */
function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}
