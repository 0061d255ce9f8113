/** All that a plan is made of, as the leader knows it at one moment. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { ZoneCapacity } from '../placement/zone-capacity.ts';
import type { DrainRecord, MoveWish } from '../registry/records.ts';
import type { PeopleReports } from './people-reports.ts';
import type { KnownPlacement, PlacementIndex } from './placement-index.ts';
import type { RepairPolicy } from './repair-policy.ts';

export interface ZoneWorld {
  /** Monotonic. */
  readonly nowMs: number;
  /** What deadlines are in. */
  readonly wallMs: number;
  readonly policy: RepairPolicy;
  readonly capacity: ZoneCapacity;
  readonly placements: PlacementIndex;
  readonly people: PeopleReports;
  readonly drains: ReadonlyMap<RouterId, DrainRecord>;
  /** What is to go elsewhere, by id: `moveWishId`. */
  readonly moves: ReadonlyMap<string, MoveWish>;
  /** For how long the router has neither been recorded nor heard of; 0 when it is there. */
  absentMs(router: RouterId): number;
  /** Some of the placements, others each time. */
  readonly scanned: Iterable<KnownPlacement>;
  readonly isRebalanceDue: boolean;
  /** Has to be in the zone, even with nobody in it here. */
  isNeeded(meeting: MeetingId): boolean;
  /** Nobody need be in it for somebody to be in a breakout room of it: what its routers know of them is to stay. */
  hasPeopleInRooms(meeting: MeetingId): boolean;
}
