/** Empties a router: who goes where, in which order, and how much at a time. */
import type { RouterId } from '../../common/ids.ts';
import type { Explanation } from './explanation.ts';
import type { MeetingTree } from './meeting-tree.ts';
import { type Move, movePlace } from './move-place.ts';
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
      for (const index of tree.places.keys()) {
        if (tree.places[index]?.router !== router) continue;
        const move = movePlace(capacity, tree, index, nowMs, `away from ${router}`);
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
