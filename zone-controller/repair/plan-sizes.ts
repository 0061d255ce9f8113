/** Trees that have become too big lose a place; full workers lose a meeting. Both gently: people have to move for it. */
import type { MeetingId } from '../../common/ids.ts';
import type { MeetingTree, WorkerPlace } from '../placement/meeting-tree.ts';
import { shrinkTree } from '../placement/shrink-tree.ts';
import { suggestMoves } from '../placement/suggest-moves.ts';
import type { Draft } from './draft.ts';
import type { KnownPlacement } from './placement-index.ts';
import { type PlacedMeeting, withMove } from './spread-placement.ts';

export function planShrinks(draft: Draft): void {
  const { capacity, placements, nowMs } = draft.world;
  for (const known of placements.spread) {
    const placed = restingAt(draft, known);
    const shrink = placed && shrinkTree(capacity, placed.tree, nowMs);
    if (placed === undefined || shrink === undefined) continue;
    const { from, to, people, reservations } = shrink;
    // Also when nobody is there: somebody may be about to come.
    draft.change(placed, withMove(placed, from, to, 'rebalance'), {
      reservations,
      why: `smaller: ${people} people from ${from.router}/${from.worker}`,
    });
  }
}

export function planBalance(draft: Draft): void {
  const { capacity, nowMs, policy } = draft.world;
  const found = new Map<MeetingId, PlacedMeeting>();
  const moves = suggestMoves(capacity, nowMs, policy.rebalanceMoves, (place) => meetingsAt(draft, place, found));
  for (const { tree, from, to, people, reservations, explanation } of moves) {
    const placed = found.get(tree.meeting);
    if (placed === undefined) continue;
    const next = withMove(placed, from, to, 'rebalance');
    const why = `${explanation.question}: ${people} people to ${to.router}/${to.worker}`;
    draft.change(placed, next, { reservations, why });
  }
}

function* meetingsAt(draft: Draft, at: WorkerPlace, found: Map<MeetingId, PlacedMeeting>): Generator<MeetingTree> {
  for (const known of draft.world.placements.on(at.router)) {
    if (known.record.root?.worker !== at.worker || known.record.branches.length > 0) continue;
    const placed = restingAt(draft, known);
    if (placed === undefined) continue;
    found.set(known.meeting, placed);
    yield placed.tree;
  }
}

/** Nobody is to move there, and how many are where is known. */
function restingAt(draft: Draft, known: KnownPlacement): PlacedMeeting | undefined {
  const placed = draft.take(known);
  if (placed === undefined || placed.leaving.length > 0) return undefined;
  const { tree } = placed;
  return tree.places.every((place) => draft.count(tree, place) !== undefined) ? placed : undefined;
}
