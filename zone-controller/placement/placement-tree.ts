/** A placement as the registry has it, and the tree that decisions are made on. Values; nothing here changes one. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import { isSamePlace, type MeetingTree, type TreePlace, type WorkerPlace } from './meeting-tree.ts';

/** A place of a placement; `parent` is undefined for the root. */
export interface RecordedPlace extends WorkerPlace {
  readonly parent: number | undefined;
}

/** The root first; nothing when the meeting is nowhere. */
export function placesOf({ root, branches }: MeetingPlacement): RecordedPlace[] {
  return root === null ? [] : [{ ...root, parent: undefined }, ...branches];
}

export function isAt(placement: MeetingPlacement, place: WorkerPlace): boolean {
  return placesOf(placement).some((each) => isSamePlace(each, place));
}

export function isOn(placement: MeetingPlacement, router: RouterId): boolean {
  return placesOf(placement).some((place) => place.router === router);
}

export function isNewer(
  one: Pick<MeetingPlacement, 'epoch' | 'version'>,
  other: Pick<MeetingPlacement, 'epoch' | 'version'>,
): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.version > other.version);
}

/**
 * The last epoch that is over for the routers that a meeting is not on. Within an epoch places only come, so one that is
 * not in the placement was never asked under this epoch, and may be yet; of a meeting that is nowhere it is over for all.
 */
export function endedEpoch({ epoch, root }: Pick<MeetingPlacement, 'epoch' | 'root'>): number {
  return root === null ? epoch : epoch - 1;
}

/** Whether routers may have to be told the tree: one place that was never another needs none. */
export function isSpread({ version, branches }: MeetingPlacement): boolean {
  return version > 1 || branches.length > 0;
}

/** The people of a router are taken to be spread evenly over its places; with those who are on their way to a place. */
export function toTree(
  meeting: MeetingId,
  placement: MeetingPlacement,
  people: ReadonlyMap<RouterId, number>,
  coming: (place: WorkerPlace) => number = () => 0,
): MeetingTree {
  const places = placesOf(placement);
  const shares = new Map<RouterId, number>();
  for (const { router } of places) shares.set(router, (shares.get(router) ?? 0) + 1);
  const of = ({ router }: WorkerPlace): number => Math.ceil((people.get(router) ?? 0) / (shares.get(router) ?? 1));
  const expected = places.map((place): TreePlace => ({ ...place, people: of(place) + coming(place) }));
  return { meeting, places: expected, changedMs: 0 };
}

/** The next version: of the same epoch when places have only come, of the next one when some have gone. */
export function withTree(was: MeetingPlacement, { places }: MeetingTree, epoch: number): MeetingPlacement {
  const [root, ...branches] = places;
  if (root === undefined) throw new Error('a tree without a root');
  const left = was.leaving.filter((leaving) => places.some((place) => isSamePlace(place, leaving)));
  // With no place to go to, nobody can go.
  return {
    epoch,
    version: was.version + 1,
    root: { router: root.router, worker: root.worker },
    branches: branches.map(({ router, worker, parent = 0 }) => ({ router, worker, parent })),
    leaving: left.length < places.length ? left : [],
  };
}

/** At one place, with nobody there yet. */
export function placedAnew(
  was: MeetingPlacement | undefined,
  { router, worker }: WorkerPlace,
  epoch: number,
): MeetingPlacement {
  return { epoch, version: (was?.version ?? 0) + 1, root: { router, worker }, branches: [], leaving: [] };
}
