/** A new branch for a meeting that is full: another worker of a router it is on, or another router, near or elsewhere. */
import type { RouterId } from '../../common/ids.ts';
import type { Reason, Verdicts } from './explanation.ts';
import { findWorker } from './find-worker.ts';
import { hash32 } from './hash.ts';
import type { KnownRouter } from './known-router.ts';
import { type Demand, type MediaProfile, treeDemands } from './meeting-cost.ts';
import { branchesAt, depthOf, isSamePlace, type MeetingTree, type WorkerPlace, withBranch } from './meeting-tree.ts';
import { addedDemands, idlestOutside, whyNoRoom } from './tree-room.ts';
import type { Reservation, ZoneCapacity } from './zone-capacity.ts';

export interface Growth {
  readonly nowMs: number;
  /** As in MeetingRequest. */
  readonly tolerate?: string;
  /** A label, say `rack`: branches go where the meeting is not yet, if they can. Otherwise they go near. */
  readonly spreadOver?: string;
  /** Nowhere but there, as an operator says. */
  readonly at?: Destination | undefined;
}

/** A router, or one of its workers. */
export interface Destination {
  readonly router: RouterId;
  readonly worker?: number | undefined;
}

export function isAsked({ router, worker }: Destination, place: WorkerPlace): boolean {
  return place.router === router && (worker ?? place.worker) === place.worker;
}

export interface Grown {
  readonly place: WorkerPlace;
  /** With one person on the new branch. */
  readonly tree: MeetingTree;
  readonly demand: Demand;
  /** For as many people as are expected on it, and for the trunk's other end. */
  readonly reservations: readonly Reservation[];
}

/** The new branch, with room for so many people, or why there is none. */
export function growTree(
  capacity: ZoneCapacity,
  tree: MeetingTree,
  growth: Growth,
  people: number,
  profile: MediaProfile,
  verdicts: Verdicts,
): Grown | Reason {
  const { maxPlaces } = capacity.policy;
  if (tree.places.length >= maxPlaces) return 'tooManyPlaces';
  const routers = routersOf(capacity, tree);
  const nearest = routers[0];
  if (nearest === undefined) return 'lost';
  // What a branch costs its own worker does not depend on where in the tree it hangs.
  const anywhere = withBranch(tree, { router: nearest.id, worker: 0 }, 0, people, growth.nowMs);
  const demand = treeDemands(anywhere, profile).at(-1) as Demand; // the branch's own, it is not empty
  const place =
    growth.at === undefined
      ? (onOwnRouter(tree, routers, growth, demand, verdicts) ??
        elsewhere(capacity, tree, routers, growth, demand, verdicts) ??
        'full')
      : where(capacity, tree, growth.at, growth.nowMs, demand, verdicts);
  if (typeof place === 'string') return place;
  for (const parent of parentsFor(capacity, tree, place)) {
    const grown = withBranch(tree, place, parent, people, growth.nowMs);
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

/** Where an operator says, or why not. */
function where(
  capacity: ZoneCapacity,
  tree: MeetingTree,
  at: Destination,
  nowMs: number,
  demand: Demand,
  verdicts: Verdicts,
): WorkerPlace | Reason {
  const router = capacity.router(at.router);
  if (router === undefined) return 'lost';
  const worker = at.worker ?? idlestOutside(router, tree, nowMs);
  const isFree = worker !== undefined && !tree.places.some((place) => isSamePlace(place, { ...at, worker }));
  const load = isFree ? router.loadWith(nowMs, worker, demand) : Number.POSITIVE_INFINITY;
  const why = router.standing === 'open' ? (load > 1 ? 'full' : undefined) : router.standing;
  verdicts.steps++;
  verdicts.add(router.id, worker, load, why ?? 'chosen');
  return why ?? { router: router.id, worker: worker ?? 0 };
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
