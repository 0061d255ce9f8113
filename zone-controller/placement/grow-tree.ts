/** A new branch for a meeting that is full: another worker of a router it is on, or another router, near or elsewhere. */
import type { RouterId } from '../../common/ids.ts';
import type { Reason, Verdicts } from './explanation.ts';
import { findWorker } from './find-worker.ts';
import { hash32 } from './hash.ts';
import type { KnownRouter } from './known-router.ts';
import { type Demand, type MediaProfile, treeDemands } from './meeting-cost.ts';
import { branchesAt, depthOf, type MeetingTree, type WorkerPlace, withBranch } from './meeting-tree.ts';
import { addedDemands, idlestOutside, whyNoRoom } from './tree-room.ts';
import type { Reservation, ZoneCapacity } from './zone-capacity.ts';

export interface Growth {
  readonly nowMs: number;
  /** As in MeetingRequest. */
  readonly tolerate?: string;
  /** A label, say `rack`: branches go where the meeting is not yet, if they can. Otherwise they go near. */
  readonly spreadOver?: string;
}

export interface Grown {
  readonly place: WorkerPlace;
  /** With one person on the new branch. */
  readonly tree: MeetingTree;
  readonly demand: Demand;
  /** For as many people as are expected on a branch, and for the trunk's other end. */
  readonly reservations: readonly Reservation[];
}

/** The new branch, or why there is none. */
export function growTree(
  capacity: ZoneCapacity,
  tree: MeetingTree,
  growth: Growth,
  profile: MediaProfile,
  verdicts: Verdicts,
): Grown | Reason {
  const { expectedBranchPeople, maxPlaces } = capacity.policy;
  if (tree.places.length >= maxPlaces) return 'tooManyPlaces';
  const routers = routersOf(capacity, tree);
  const nearest = routers[0];
  if (nearest === undefined) return 'lost';
  // What a branch costs its own worker does not depend on where in the tree it hangs.
  const anywhere = withBranch(tree, { router: nearest.id, worker: 0 }, 0, expectedBranchPeople, growth.nowMs);
  const demand = treeDemands(anywhere, profile).at(-1) as Demand; // the branch's own, it is not empty
  const place =
    onOwnRouter(tree, routers, growth, demand, verdicts) ??
    elsewhere(capacity, tree, routers, growth, demand, verdicts);
  if (place === undefined) return 'full';
  for (const parent of parentsFor(capacity, tree, place)) {
    const grown = withBranch(tree, place, parent, expectedBranchPeople, growth.nowMs);
    const reservations = addedDemands(tree, grown, profile);
    if (whyNoRoom(capacity, growth.nowMs, reservations, place) !== undefined) continue;
    return { place, tree: withBranch(tree, place, parent, 1, growth.nowMs), demand, reservations };
  }
  return 'trunkFull';
}

/** Those that are still there, the root's first. */
function routersOf(capacity: ZoneCapacity, tree: MeetingTree): KnownRouter[] {
  const ids = new Set(tree.places.map(({ router }) => router));
  return [...ids].flatMap((id) => capacity.router(id) ?? []);
}

function onOwnRouter(
  tree: MeetingTree,
  routers: readonly KnownRouter[],
  { nowMs }: Growth,
  demand: Demand,
  verdicts: Verdicts,
): WorkerPlace | undefined {
  for (const router of routers) {
    const worker = idlestOutside(router, tree, nowMs);
    if (router.standing !== 'open' || worker === undefined) continue;
    const load = router.loadWith(nowMs, worker, demand);
    verdicts.steps++;
    verdicts.add(router.id, worker, load, load <= 1 ? 'chosen' : 'full');
    if (load <= 1) return { router: router.id, worker };
  }
  return undefined;
}

function elsewhere(
  capacity: ZoneCapacity,
  tree: MeetingTree,
  routers: readonly KnownRouter[],
  { nowMs, tolerate, spreadOver }: Growth,
  demand: Demand,
  verdicts: Verdicts,
): WorkerPlace | undefined {
  const exclude = new Map<RouterId, Reason>(routers.map(({ id }) => [id, 'inTree']));
  const hash = hash32(`${tree.meeting} ${tree.places.length}`);
  const near = routers[0]?.facts.labels;
  if (spreadOver === undefined) {
    return findWorker(capacity, { nowMs, demand, hash, tolerate, near, exclude }, verdicts);
  }
  const used = new Set(routers.map(({ facts }) => facts.labels[spreadOver]));
  const avoid = ({ facts }: KnownRouter): Reason | undefined =>
    used.has(facts.labels[spreadOver]) ? 'sameLabel' : undefined;
  return findWorker(capacity, { nowMs, demand, hash, tolerate, exclude, avoid }, verdicts);
}

/** A place on the same router, so that media comes to a router once; then the root; then any other. */
function parentsFor(capacity: ZoneCapacity, tree: MeetingTree, { router }: WorkerPlace): number[] {
  const { maxDepth, maxFanOut } = capacity.policy;
  const able = [...tree.places.keys()].filter((index) => {
    const id = tree.places[index]?.router;
    const isThere = id !== undefined && capacity.router(id) !== undefined;
    return isThere && depthOf(tree, index) < maxDepth && branchesAt(tree, index) < maxFanOut;
  });
  const isHere = (index: number): boolean => tree.places[index]?.router === router;
  return [...able.filter(isHere), ...able.filter((index) => !isHere(index))];
}
