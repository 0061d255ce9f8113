/** What a placement comes out as. Whoever carries it out calls `commit`, so that the next decision knows of it. */
import type { MeetingId } from '../../common/ids.ts';
import type { Explanation, Reason } from './explanation.ts';
import { hash32 } from './hash.ts';
import type { MeetingTree, WorkerPlace } from './meeting-tree.ts';
import type { PlacementPolicy } from './placement-policy.ts';
import type { Reservation, ZoneCapacity } from './zone-capacity.ts';

export interface PlacedDecision {
  readonly outcome: 'placed';
  readonly place: WorkerPlace;
  /** `audioOnly`: there is no room for the video. */
  readonly media: 'full' | 'audioOnly';
  /** The meeting with the newcomer in it. */
  readonly tree: MeetingTree;
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

/** Counts what was decided: the promises, and one join. */
export function commit(capacity: ZoneCapacity, nowMs: number, { place, reservations }: PlacedDecision): void {
  capacity.reserve(nowMs, reservations);
  capacity.countJoin(nowMs, place.router);
}

/** Spread by who asks and when, so that those who are refused together do not come back together. */
export function retryAfterMs(policy: PlacementPolicy, meeting: MeetingId, who: string, nowMs: number): number {
  const part = hash32(`${meeting} ${who} ${nowMs}`) / 2 ** 32;
  return Math.round(policy.retryMs * (1 + part));
}
