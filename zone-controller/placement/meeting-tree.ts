/**
 * Where a meeting is: its root and its branches, each on one worker. A parent always stands before its branches, so a
 * tree can have no loop, and the first place is its only root. Values; nothing here changes one.
 */
import type { MeetingId, RouterId } from '../../common/ids.ts';

export interface WorkerPlace {
  readonly router: RouterId;
  readonly worker: number;
}

export interface TreePlace extends WorkerPlace {
  /** Index of the place that its trunk leads to; undefined for the root. */
  readonly parent: number | undefined;
  /** Who are in the meeting here. */
  readonly people: number;
}

export interface MeetingTree {
  readonly meeting: MeetingId;
  /** The root first. */
  readonly places: readonly TreePlace[];
  /** When places last came or went. */
  readonly changedMs: number;
}

export function peopleIn({ places }: MeetingTree): number {
  let people = 0;
  for (const place of places) people += place.people;
  return people;
}

export function isSamePlace(a: WorkerPlace, b: WorkerPlace): boolean {
  return a.router === b.router && a.worker === b.worker;
}

export function rootAt(
  meeting: MeetingId,
  { router, worker }: WorkerPlace,
  people: number,
  nowMs: number,
): MeetingTree {
  return { meeting, places: [{ router, worker, parent: undefined, people }], changedMs: nowMs };
}

/** `count` people come to a place, or leave it. */
export function withPeople(tree: MeetingTree, index: number, count: number): MeetingTree {
  const places = tree.places.map((place, at) =>
    at === index ? { ...place, people: Math.max(0, place.people + count) } : place,
  );
  return { ...tree, places };
}

export function withBranch(
  tree: MeetingTree,
  { router, worker }: WorkerPlace,
  parent: number,
  people: number,
  nowMs: number,
): MeetingTree {
  return { ...tree, places: [...tree.places, { router, worker, parent, people }], changedMs: nowMs };
}

/** Another worker takes a place over, with its people and trunks. */
export function withPlaceMoved(tree: MeetingTree, index: number, to: WorkerPlace, nowMs: number): MeetingTree {
  const places = tree.places.map((place, at) =>
    at === index ? { ...place, router: to.router, worker: to.worker } : place,
  );
  return { ...tree, places, changedMs: nowMs };
}

/**
 * The tree of the places that `keep` says; undefined when none is left. Without the root, the fullest of the places
 * that hung on a lost one becomes the root, so that the fewest people see a trunk change; what else hung on lost places
 * then hangs on the root. No place gets deeper by that.
 */
export function withoutPlaces(
  tree: MeetingTree,
  keep: (place: TreePlace, index: number) => boolean,
  nowMs: number,
): MeetingTree | undefined {
  const { places } = tree;
  const kept = places.map(keep);
  const tops = places.flatMap((place, index) => (kept[index] && !(kept[place.parent ?? -1] ?? false) ? [index] : []));
  if (tops.length === 0) return undefined;
  const fullest = tops.reduce((best, index) =>
    (places[index]?.people ?? 0) > (places[best]?.people ?? 0) ? index : best,
  );
  const root = kept[0] ? 0 : fullest;
  const order = [root, ...places.keys().filter((index) => kept[index] && index !== root)];
  const indexes = new Map(order.map((old, index) => [old, index]));
  const next = order.flatMap((old): TreePlace[] => {
    const place = places[old];
    if (place === undefined) return [];
    return [{ ...place, parent: old === root ? undefined : (indexes.get(place.parent ?? -1) ?? 0) }];
  });
  return { ...tree, places: next, changedMs: nowMs };
}

export function depthOf({ places }: MeetingTree, index: number): number {
  let depth = 0;
  for (let at = places[index]?.parent; at !== undefined; at = places[at]?.parent) depth++;
  return depth;
}

export function branchesAt({ places }: MeetingTree, index: number): number {
  return places.filter(({ parent }) => parent === index).length;
}
