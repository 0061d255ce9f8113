/** Takes load off workers that are nearly full, a few meetings at a time. The caller says how often and how many. */
import { meetingDemand } from './meeting-cost.ts';
import { type MeetingTree, peopleIn, type WorkerPlace } from './meeting-tree.ts';
import { type Move, movePlace } from './move-place.ts';
import { loadOf } from './worker-limits.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

/** More meetings of one worker are not looked at; any of them will do. */
const MAX_LOOKED_AT = 64;

/**
 * At most `limit` moves, of one meeting for each worker above `rebalanceAbove`, the fullest first. Only meetings that
 * are on one worker and have rested; only to workers that will be less loaded by `rebalanceGap`.
 */
export function suggestMoves(
  capacity: ZoneCapacity,
  nowMs: number,
  limit: number,
  meetingsAt: (place: WorkerPlace) => Iterable<MeetingTree>,
): Move[] {
  const { rebalanceGap } = capacity.policy;
  const moves: Move[] = [];
  capacity.expire(nowMs);
  capacity.tentatively(nowMs, (reserve) => {
    for (const { place, load } of fullestFirst(capacity, nowMs)) {
      if (moves.length >= limit) return;
      const tree = fittest(capacity, place, load, nowMs, meetingsAt);
      if (tree === undefined) continue;
      const move = movePlace(capacity, tree, 0, nowMs, `off ${place.router}/${place.worker}, load ${load.toFixed(3)}`);
      if (!('to' in move)) continue;
      const target = capacity.router(move.to.router)?.loadWith(nowMs, move.to.worker, move.explanation.demand) ?? 1;
      if (target > load - rebalanceGap) continue;
      reserve(move.reservations);
      moves.push(move);
    }
  });
  return moves;
}

function fullestFirst(capacity: ZoneCapacity, nowMs: number): { place: WorkerPlace; load: number }[] {
  const nothing = { participants: 0, packetsPerSecond: 0 };
  return capacity.hot
    .flatMap((router) =>
      Array.from({ length: router.workers }, (_, worker) => ({
        place: { router: router.id, worker },
        load: router.loadWith(nowMs, worker, nothing),
      })),
    )
    .filter(({ load }) => load > capacity.policy.rebalanceAbove)
    .sort((a, b) => b.load - a.load);
}

/** The smallest meeting that is enough to relieve the worker; if none is, the largest. */
function fittest(
  capacity: ZoneCapacity,
  place: WorkerPlace,
  load: number,
  nowMs: number,
  meetingsAt: (place: WorkerPlace) => Iterable<MeetingTree>,
): MeetingTree | undefined {
  const { media, trunkReserve, rebalanceAbove, restMs } = capacity.policy;
  const limits = capacity.router(place.router)?.limits;
  if (limits === undefined) return undefined;
  const movable: { tree: MeetingTree; share: number }[] = [];
  let looked = 0;
  for (const tree of meetingsAt(place)) {
    if (++looked > MAX_LOOKED_AT) break;
    if (tree.places.length > 1 || nowMs - tree.changedMs < restMs) continue;
    movable.push({ tree, share: loadOf(meetingDemand(peopleIn(tree), media), limits, trunkReserve) });
  }
  movable.sort((a, b) => a.share - b.share || (a.tree.meeting < b.tree.meeting ? -1 : 1));
  return (movable.find(({ share }) => load - share <= rebalanceAbove) ?? movable.at(-1))?.tree;
}
