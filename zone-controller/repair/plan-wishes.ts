/**
 * Operators ask for a place of a meeting to go elsewhere. What they ask of single participants is done where their clients
 * are connected; the leader only forgets what nobody has done in time.
 */
import type { MeetingId } from '../../common/ids.ts';
import type { Explanation } from '../placement/explanation.ts';
import type { TreePlace } from '../placement/meeting-tree.ts';
import { type Move, movePlace } from '../placement/move-place.ts';
import type { MoveWish } from '../registry/records.ts';
import type { Draft } from './draft.ts';
import { isLeaving, type PlacedMeeting, withMove } from './spread-placement.ts';

export function planWishes(draft: Draft): void {
  for (const [id, wish] of draft.world.moves) {
    const pointless = wish.participant === undefined ? planWish(draft, id, wish) : whyOver(draft, wish);
    if (pointless !== undefined) draft.forgetWish(id, pointless);
  }
}

/** Why it is to be forgotten, if nothing else comes of it. */
function planWish(draft: Draft, id: string, wish: MoveWish): string | undefined {
  const over = whyOver(draft, wish);
  if (over !== undefined) return over;
  // The cast: the id begins with the meeting's.
  const known = draft.world.placements.get(id.slice(0, id.indexOf('+')) as MeetingId);
  if (known === undefined) return 'the meeting is nowhere';
  const placed = draft.take(known);
  if (placed === undefined) return undefined;
  const index = placed.tree.places.findIndex((place) => isMeant(wish.from, place) && !isLeaving(placed, place));
  const from = placed.tree.places[index];
  if (from === undefined) return 'nobody has to leave there any more';
  const move = moveTo(draft, placed, index, wish);
  // Perhaps there is room before its time is over.
  if (!('to' in move)) return undefined;
  const { to, reservations, people } = move;
  const why = `asked for by ${wish.by}: ${people} people from ${from.router}/${from.worker} to ${to.router}/${to.worker}`;
  draft.change(placed, withMove(placed, from, to, 'admin'), { reservations, wish: id, why });
  return undefined;
}

function whyOver(draft: Draft, { expiresMs }: MoveWish): string | undefined {
  return expiresMs <= draft.world.wallMs ? 'its time is over' : undefined;
}

/** Where an operator says, whatever the load there. */
function moveTo(draft: Draft, { tree }: PlacedMeeting, index: number, { to, by }: MoveWish): Move | Explanation {
  const { capacity, nowMs } = draft.world;
  const found = movePlace(capacity, tree, index, nowMs, `asked for by ${by}`);
  const router = to === undefined ? undefined : capacity.router(to.router);
  if (to === undefined || !('to' in found)) return found;
  if (router === undefined) return found.explanation;
  const place = { router: to.router, worker: to.worker ?? router.idlest };
  return { ...found, to: place, reservations: [{ ...place, demand: found.explanation.demand }] };
}

function isMeant({ router, worker }: MoveWish['from'], place: TreePlace): boolean {
  return place.router === router && (worker === undefined || worker === place.worker);
}
