/**
 * Empties routers: so many people at a time are told to move, the largest meetings first; at the deadline all that are
 * left. Nobody is thrown out: who has not moved then is why the router is not empty.
 */
import type { RouterId } from '../../common/ids.ts';
import type { MeetingTree } from '../placement/meeting-tree.ts';
import type { Move } from '../placement/move-place.ts';
import { type DrainPlan, planDrain } from '../placement/plan-drain.ts';
import type { DrainRecord } from '../registry/records.ts';
import type { Draft } from './draft.ts';
import { isLeaving, type PlacedMeeting, stayingTree, withMove, withoutLeaving } from './spread-placement.ts';

export function planDrains(draft: Draft): void {
  for (const [router, drain] of draft.world.drains) drainRouter(draft, router, drain);
}

/** After an undrain, people may stay who have not moved yet; and so may all when there is nowhere to go to. */
export function planStays(draft: Draft): void {
  const { placements, drains, policy, nowMs } = draft.world;
  for (const known of placements.spread) {
    const { leaving } = known.record;
    if (leaving.length === 0 || nowMs - known.changedMs < policy.settleMs) continue;
    const isStuck = leaving.length > known.record.branches.length;
    if (!isStuck && !leaving.some(({ router, why }) => why === 'drain' && !drains.has(router))) continue;
    const placed = draft.take(known);
    if (placed === undefined) continue;
    const next = withoutLeaving(placed, ({ router, why }) => isStuck || (why === 'drain' && !drains.has(router)));
    draft.change(placed, next, { why: isStuck ? 'there is no other place' : 'the drain is over' });
  }
}

function drainRouter(draft: Draft, router: RouterId, { deadlineMs }: DrainRecord): void {
  const { capacity, placements, policy, nowMs, wallMs } = draft.world;
  const staying = new Map<MeetingTree, PlacedMeeting>();
  let moving = 0;
  for (const known of placements.on(router)) {
    const placed = draft.take(known);
    if (placed === undefined) continue;
    const here = placed.tree.places.filter((place) => place.router === router);
    for (const place of here) if (isLeaving(placed, place)) moving += place.people;
    if (here.every((place) => isLeaving(placed, place)) || isEmptied(draft, placed, router)) continue;
    const tree = stayingTree(placed);
    if (tree !== undefined) staying.set(tree, placed);
  }
  const room = wallMs >= deadlineMs ? Number.POSITIVE_INFINITY : policy.peopleAtOnce - moving;
  if (room <= 0) return;
  const [wave = []] = planDrain(capacity, router, [...staying.keys()], nowMs, room).waves;
  const byMeeting = new Map([...staying.values()].map((placed) => [placed.tree.meeting, placed]));
  for (const move of wave) {
    if (moving > 0 && move.people > room) return;
    const placed = byMeeting.get(move.tree.meeting);
    // A further place of the same meeting goes next time.
    if (placed === undefined || !byMeeting.delete(move.tree.meeting)) continue;
    tellToMove(draft, placed, move);
  }
}

function tellToMove(draft: Draft, placed: PlacedMeeting, { from, to, people, reservations }: Move): void {
  const next = withMove(placed, from, to, 'drain');
  const why = `drain: ${people} people from ${from.router}/${from.worker} to ${to.router}/${to.worker}`;
  draft.change(placed, next, { reservations, why });
}

/** Places with nobody there need no wave, and no other place if the meeting has one. */
function isEmptied(draft: Draft, placed: PlacedMeeting, router: RouterId): boolean {
  const { tree } = placed;
  const staying = tree.places.filter((place) => !isLeaving(placed, place));
  // Their routers know of people in rooms: that goes to another router before this one forgets it.
  if (staying.length === 1 && draft.world.hasPeopleInRooms(tree.meeting)) return false;
  const empty = staying.find((place) => place.router === router && draft.count(tree, place) === 0);
  if (empty === undefined || (staying.length === 1 && tree.places.length > 1)) return false;
  const why = `drain: nobody is at ${router}/${empty.worker}`;
  if (tree.places.length === 1) draft.release(placed, why);
  // Somebody may be about to come: it goes when nobody has.
  else draft.change(placed, withMove(placed, empty, undefined, 'drain'), { why });
  return true;
}

/** What of a drain no other worker has room for, as things are now. */
export function stuckOf(draft: Draft, router: RouterId): DrainPlan['stuck'] {
  const { capacity, placements, nowMs } = draft.world;
  const trees = [...placements.on(router)].flatMap((known) => {
    const placed = draft.take(known);
    const tree = placed === undefined ? undefined : stayingTree(placed);
    return tree?.places.some((place) => place.router === router) ? [tree] : [];
  });
  return planDrain(capacity, router, trees, nowMs, Number.POSITIVE_INFINITY).stuck;
}
