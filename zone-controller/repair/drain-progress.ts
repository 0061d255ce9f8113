/** How far a drain is: from what is known of the router's meetings, so that any controller can say it. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { describeExplanation } from '../placement/explanation.ts';
import { Draft } from './draft.ts';
import { stuckOf } from './plan-drains.ts';
import { isLeaving, readPlacement } from './spread-placement.ts';
import type { ZoneWorld } from './zone-world.ts';

/** More meetings are not named. */
const MAX_NAMED = 20;

export interface StuckMeeting {
  readonly meeting: MeetingId;
  /** On the router that is drained. */
  readonly people: number;
  readonly why: string;
}

export interface DrainState {
  /** `over`: the deadline is past, and somebody is there still. */
  readonly state: 'moving' | 'empty' | 'over';
  readonly deadlineMs: number;
  /** Who are on the router; who of them are told to move. */
  readonly people: number;
  readonly moving: number;
  /** Meetings that have a place on it. */
  readonly meetings: number;
  /** Meetings that no other router has room for, and, once all are told, those whose people have not moved. */
  readonly stuck: readonly StuckMeeting[];
}

/** undefined: the router is not drained. */
export function drainProgress(world: ZoneWorld, router: RouterId): DrainState | undefined {
  const drain = world.drains.get(router);
  if (drain === undefined) return undefined;
  const told: StuckMeeting[] = [];
  let [people, moving, meetings] = [0, 0, 0];
  for (const { meeting, record, changedMs } of world.placements.on(router)) {
    const placed = readPlacement(meeting, record, (place) => world.people.lastCount(meeting, place), changedMs);
    const here = placed?.tree.places.filter((place) => place.router === router) ?? [];
    const sum = here.reduce((total, place) => total + place.people, 0);
    const going = here.reduce(
      (total, place) => total + (placed !== undefined && isLeaving(placed, place) ? place.people : 0),
      0,
    );
    meetings++;
    people += sum;
    moving += going;
    if (going > 0) told.push({ meeting, people: going, why: 'were told to move and have not yet' });
  }
  const isOver = world.wallMs >= drain.deadlineMs + world.policy.lastCallMs;
  const state = meetings === 0 && people === 0 ? 'empty' : isOver ? 'over' : 'moving';
  const stuck = [...noRoom(world, router), ...(isOver ? told : [])].slice(0, MAX_NAMED);
  return { state, deadlineMs: drain.deadlineMs, people, moving, meetings, stuck };
}

function noRoom(world: ZoneWorld, router: RouterId): StuckMeeting[] {
  return stuckOf(new Draft(world, () => undefined), router).map(({ tree, explanation }) => ({
    meeting: tree.meeting,
    people: tree.places.reduce((sum, place) => sum + (place.router === router ? place.people : 0), 0),
    why: describeExplanation(explanation),
  }));
}
