/**
 * Takes one place out of a tree that has become too big for its people. Growing starts at a full worker, shrinking ends
 * well below that, and a tree rests after each change: so it does not swing.
 */
import { type Explanation, Verdicts } from './explanation.ts';
import {
  branchesAt,
  type MeetingTree,
  peopleIn,
  type TreePlace,
  type WorkerPlace,
  withoutPlaces,
  withPeople,
} from './meeting-tree.ts';
import { addedDemands, whyNoRoom } from './tree-room.ts';
import type { Reservation, ZoneCapacity } from './zone-capacity.ts';

export interface Shrink {
  readonly tree: MeetingTree;
  readonly from: WorkerPlace;
  /** Where its people go; undefined when it has none. */
  readonly to: WorkerPlace | undefined;
  readonly people: number;
  readonly reservations: readonly Reservation[];
  readonly explanation: Explanation;
}

/** undefined: the tree stays as it is. */
export function shrinkTree(capacity: ZoneCapacity, tree: MeetingTree, nowMs: number): Shrink | undefined {
  if (tree.places.length < 2 || nowMs - tree.changedMs < capacity.policy.restMs) return undefined;
  for (const index of removable(tree)) {
    const shrink = foldPlace(capacity, tree, index, nowMs, capacity.policy.shrinkBelow);
    if (shrink !== undefined) return shrink;
  }
  return undefined;
}

/** Branches with nothing below them, the emptiest first; and a root with nobody there and one branch. */
function removable(tree: MeetingTree): number[] {
  const people = (index: number): number => tree.places[index]?.people ?? 0;
  return [...tree.places.keys()]
    .filter((index) => {
      const branches = branchesAt(tree, index);
      return index === 0 ? branches === 1 && people(0) === 0 : branches === 0;
    })
    .sort((a, b) => people(a) - people(b) || b - a);
}

/**
 * Takes a place out; its people go to another place of the tree that `takes` says, where the load then stays below.
 * undefined: there is none.
 */
export function foldPlace(
  capacity: ZoneCapacity,
  tree: MeetingTree,
  index: number,
  nowMs: number,
  below: number,
  takes: (place: WorkerPlace) => boolean = () => true,
): Shrink | undefined {
  const from = tree.places[index] as TreePlace; // an index of the tree
  const smaller = withoutPlaces(tree, (_, at) => at !== index, nowMs);
  if (smaller === undefined) return undefined;
  const verdicts = new Verdicts();
  const demand = { participants: from.people, packetsPerSecond: 0 };
  if (from.people === 0) {
    const explanation = verdicts.explain('place with nobody there', demand);
    return { tree: smaller, from, to: undefined, people: 0, reservations: [], explanation };
  }
  const { media } = capacity.policy;
  for (const [at, to] of smaller.places.entries()) {
    if (!takes(to)) continue;
    const after = withPeople(smaller, at, from.people);
    const reservations = addedDemands(tree, after, media);
    const router = capacity.router(to.router);
    const own = reservations.find(({ router: id, worker }) => id === to.router && worker === to.worker);
    const load = own === undefined ? undefined : router?.loadWith(nowMs, to.worker, own.demand);
    const why = router?.refusesJoins(nowMs) ?? whyNoRoom(capacity, nowMs, reservations, to, below);
    verdicts.add(to.router, to.worker, load, why ?? 'chosen');
    if (why !== undefined) continue;
    const explanation = verdicts.explain(`smaller, of ${peopleIn(tree)} people`, demand);
    return { tree: after, from, to, people: from.people, reservations, explanation };
  }
  return undefined;
}
