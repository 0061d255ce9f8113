/** Empties a router: who goes where, in which order, and how much at a time. */
import type { RouterId } from '../../common/ids.ts';
import type { Explanation } from './explanation.ts';
import type { MeetingTree } from './meeting-tree.ts';
import { type Move, movePlace } from './move-place.ts';
import { foldPlace } from './shrink-tree.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

export interface DrainPlan {
  /** Those of one wave may go at the same time; a wave begins when the one before has ended. */
  readonly waves: readonly (readonly Move[])[];
  /** Meetings with a place that no other worker has room for, and why. They stay until the drain's deadline. */
  readonly stuck: readonly { readonly tree: MeetingTree; readonly explanation: Explanation }[];
}

/**
 * The largest first, because they need the most room. A wave moves at most `peopleAtOnce`, or one place that has more.
 * `router` should have the taint `draining`, so that nobody comes while others go.
 */
export function planDrain(
  capacity: ZoneCapacity,
  router: RouterId,
  meetings: readonly MeetingTree[],
  nowMs: number,
  peopleAtOnce: number,
): DrainPlan {
  const moves: Move[] = [];
  const stuck: { tree: MeetingTree; explanation: Explanation }[] = [];
  capacity.tentatively(nowMs, (reserve) => {
    for (const meeting of largestFirst(meetings, router)) {
      let tree = meeting;
      for (let index = placeOn(tree, router); index !== -1; index = placeOn(tree, router)) {
        const move = leave(capacity, tree, index, nowMs);
        if (!('to' in move)) {
          stuck.push({ tree, explanation: move });
          break;
        }
        reserve(move.reservations);
        moves.push(move);
        tree = move.tree;
      }
    }
  });
  return { waves: inWaves(moves, peopleAtOnce), stuck };
}

function placeOn({ places }: MeetingTree, router: RouterId): number {
  return places.findIndex((place) => place.router === router);
}

/** To another router; in a zone that has none, to a place of the meeting. */
function leave(capacity: ZoneCapacity, tree: MeetingTree, index: number, nowMs: number): Move | Explanation {
  const router = tree.places[index]?.router;
  const move = movePlace(capacity, tree, index, nowMs, `away from ${router}`);
  if ('to' in move) return move;
  const fold = foldPlace(capacity, tree, index, nowMs, 1, (place) => place.router !== router);
  return fold?.to === undefined ? move : { ...fold, to: fold.to };
}

function largestFirst(meetings: readonly MeetingTree[], router: RouterId): MeetingTree[] {
  const people = ({ places }: MeetingTree): number =>
    places.reduce((sum, place) => sum + (place.router === router ? place.people : 0), 0);
  return meetings.toSorted((a, b) => people(b) - people(a) || (a.meeting < b.meeting ? -1 : 1));
}

function inWaves(moves: readonly Move[], peopleAtOnce: number): Move[][] {
  const waves: Move[][] = [];
  let room = 0;
  for (const move of moves) {
    const last = waves.at(-1);
    if (last === undefined || move.people > room) {
      waves.push([move]);
      room = peopleAtOnce - move.people;
    } else {
      last.push(move);
      room -= move.people;
    }
  }
  return waves;
}
