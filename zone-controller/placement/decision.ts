/** What a placement comes out as. Whoever carries it out calls `commit`, so that the next decision knows of it. */
import type { MeetingId } from '../../common/ids.ts';
import type { Explanation, Reason } from './explanation.ts';
import { hash32 } from './hash.ts';
import type { MeetingTree, WorkerPlace } from './meeting-tree.ts';
import type { PlacementPolicy } from './placement-policy.ts';
import type { Promised, Reservation, ZoneCapacity } from './zone-capacity.ts';

export interface PlacedDecision {
  readonly outcome: 'placed';
  readonly place: WorkerPlace;
  /** `audioOnly`: there is no room for the video. */
  readonly media: 'full' | 'audioOnly';
  /** The meeting with the newcomer in it. */
  readonly tree: MeetingTree;
  /** How many are expected at `place`, he included: `reservations` are for them. */
  readonly people: number;
  readonly reservations: readonly Reservation[];
  readonly explanation: Explanation;
}

export interface RefusedDecision {
  readonly outcome: 'refused';
  readonly why: Reason;
  readonly retryAfterMs: number;
  readonly explanation: Explanation;
}

export type Decision = PlacedDecision | RefusedDecision;

/**
 * Counts what was decided: one join, and the promises. Where he was expected, what was promised for that is given back.
 * Returns what is promised for him alone.
 */
export function commit(capacity: ZoneCapacity, nowMs: number, decision: PlacedDecision): Promised {
  const { place, people, reservations } = decision;
  const { meeting } = decision.tree;
  capacity.countJoin(nowMs, place.router);
  if (people > 1) {
    capacity.expect(nowMs, meeting, place, people, reservations);
    return capacity.takeExpected(meeting, place) ?? { atMs: nowMs, reservations };
  }
  const expected = capacity.takeExpected(meeting, place);
  if (expected !== undefined) capacity.giveBack(nowMs, expected);
  capacity.reserve(nowMs, reservations);
  return { atMs: nowMs, reservations };
}

/** Decides; before somebody is refused or gets less, room that is kept for those who are only expected is his. */
export function insist(capacity: ZoneCapacity, nowMs: number, decide: () => Decision): Decision {
  const decision = decide();
  const isWell = decision.outcome === 'placed' ? decision.media === 'full' : decision.why === 'joinRate';
  return isWell || !capacity.yieldExpected(nowMs) ? decision : decide();
}

/** Spread by who asks and when, so that those who are refused together do not come back together. */
export function retryAfterMs(policy: PlacementPolicy, meeting: MeetingId, who: string, nowMs: number): number {
  const part = hash32(`${meeting} ${who} ${nowMs}`) / 2 ** 32;
  return Math.round(policy.retryMs * (1 + part));
}
