/** Moves one place of a meeting, with its people and trunks, to another worker: what drains and rebalancing are made of. */
import type { RouterId } from '../../common/ids.ts';
import { type Explanation, type Reason, Verdicts } from './explanation.ts';
import { findWorker } from './find-worker.ts';
import { hash32 } from './hash.ts';
import { treeDemands } from './meeting-cost.ts';
import { type MeetingTree, type TreePlace, type WorkerPlace, withPlaceMoved } from './meeting-tree.ts';
import type { Reservation, ZoneCapacity } from './zone-capacity.ts';

export interface Move {
  readonly from: WorkerPlace;
  readonly to: WorkerPlace;
  readonly people: number;
  /** The tree after it: of the same shape, or one place smaller when `to` was in it already. */
  readonly tree: MeetingTree;
  readonly reservations: readonly Reservation[];
  readonly explanation: Explanation;
}

/** The move, or the explanation why there is none. Not to a router that the meeting is on. */
export function movePlace(
  capacity: ZoneCapacity,
  tree: MeetingTree,
  index: number,
  nowMs: number,
  question: string,
): Move | Explanation {
  const from = tree.places[index] as TreePlace; // an index of the tree
  const demand = treeDemands(tree, capacity.policy.media)[index];
  if (demand === undefined) throw new RangeError('no such place');
  const verdicts = new Verdicts();
  const exclude = new Map<RouterId, Reason>(tree.places.map(({ router }) => [router, 'inTree']));
  const near = capacity.router(from.router)?.facts.labels;
  const hash = hash32(tree.meeting);
  const to = findWorker(capacity, { nowMs, demand, hash, near, exclude }, verdicts);
  const explanation = verdicts.explain(question, demand);
  if (to === undefined) return explanation;
  const reservations = [{ ...to, demand }];
  return { from, to, people: from.people, tree: withPlaceMoved(tree, index, to, nowMs), reservations, explanation };
}
