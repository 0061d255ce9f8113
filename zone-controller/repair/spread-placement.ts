/**
 * A placement as the registry has it, and what may become of one. Values; nothing here changes one.
 *
 * Within an epoch places only come (a new version); one that goes ends the epoch, for its router may have closed it for
 * good. So a router is asked under an epoch only if it is in the tree of that epoch, and an epoch has one root.
 */
import type { MeetingId } from '../../common/ids.ts';
import {
  isSamePlace,
  type MeetingTree,
  type TreePlace,
  type WorkerPlace,
  withBranch,
  withoutPlaces,
} from '../placement/meeting-tree.ts';
import { placesOf, withTree } from '../placement/placement-tree.ts';
import type { MeetingPlacement } from '../registry/records.ts';

/** A place that is being emptied: it is in the tree until nobody is there. */
export type LeavingPlace = MeetingPlacement['leaving'][number];
export type LeavingReason = NonNullable<LeavingPlace['why']>;

/** A placement that is somewhere, with its tree. */
export interface PlacedMeeting {
  readonly record: MeetingPlacement;
  readonly tree: MeetingTree;
  readonly leaving: readonly LeavingPlace[];
}

/** undefined: the meeting is nowhere. `people` counts those at a place. */
export function readPlacement(
  meeting: MeetingId,
  record: MeetingPlacement,
  people: (place: WorkerPlace) => number,
  changedMs: number,
): PlacedMeeting | undefined {
  if (record.root === null) return undefined;
  const places = placesOf(record).map((place): TreePlace => ({ ...place, people: people(place) }));
  return { record, tree: { meeting, places, changedMs }, leaving: record.leaving };
}

export function isLeaving({ leaving }: Pick<PlacedMeeting, 'leaving'>, place: WorkerPlace): boolean {
  return leaving.some((each) => isSamePlace(each, place));
}

/** The places where people may come to; undefined when there is none. */
export function stayingTree(placed: PlacedMeeting): MeetingTree | undefined {
  const { tree } = placed;
  return withoutPlaces(tree, (place) => !isLeaving(placed, place), tree.changedMs);
}

/** People of `from` are to go: to `to`, a new place, or to those that there are. The next version of the epoch. */
export function withMove(
  placed: PlacedMeeting,
  from: WorkerPlace,
  to: WorkerPlace | undefined,
  why: LeavingReason,
): MeetingPlacement {
  const { tree, leaving } = placed;
  const isNew = to !== undefined && !tree.places.some((place) => isSamePlace(place, to));
  // Beside the one that goes: as deep as that, so that all else can stay where it is.
  const at = tree.places.findIndex((place) => isSamePlace(place, from));
  const parent = tree.places[at]?.parent ?? 0;
  const next = isNew ? withBranch(tree, to, parent, 0, tree.changedMs) : tree;
  const others = leaving.filter((place) => to === undefined || !isSamePlace(place, to));
  const left = { router: from.router, worker: from.worker, why };
  return withTree({ ...placed.record, leaving: [...others, left] }, next, placed.record.epoch);
}

/** People may stay after all. */
export function withoutLeaving(placed: PlacedMeeting, stays: (place: LeavingPlace) => boolean): MeetingPlacement {
  const leaving = placed.leaving.filter((place) => !stays(place));
  return withTree({ ...placed.record, leaving }, placed.tree, placed.record.epoch);
}

/** What is left without places that are lost or empty, in the next epoch; without any, nowhere. */
export function withoutPlacesOf(placed: PlacedMeeting, gone: (place: WorkerPlace) => boolean): MeetingPlacement {
  const { tree, record } = placed;
  const rest = withoutPlaces(tree, (place) => !gone(place), tree.changedMs);
  if (rest === undefined) return nowhere(record);
  return withTree(record, rest, record.epoch + 1);
}

/** The epoch stays, so that its next placement has a higher one. */
export function nowhere({ epoch, version }: MeetingPlacement): MeetingPlacement {
  return { epoch, version: version + 1, root: null, branches: [], leaving: [] };
}
