/** What the leader does. Each is right for the placement that it was planned for, and for no other. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Reservation } from '../placement/zone-capacity.ts';
import type { MeetingPlacement } from '../registry/records.ts';

/** Writes the next placement if it still is as it was seen. */
export interface Change {
  readonly type: 'change';
  readonly meeting: MeetingId;
  readonly seen: MeetingPlacement;
  readonly next: MeetingPlacement;
  /** Only if the registry has no record of any of these. */
  readonly gone: readonly RouterId[];
  readonly reservations: readonly Reservation[];
  /** A wish that is fulfilled by it. */
  readonly wish?: string;
  /** For the log. */
  readonly why: string;
}

/** Ends a meeting that nobody is in: on its router, which refuses if somebody has come, then in the registry. */
export interface Release {
  readonly type: 'release';
  readonly meeting: MeetingId;
  readonly seen: MeetingPlacement;
  readonly router: RouterId;
  readonly why: string;
}

/** A wish that cannot be fulfilled, or has been. */
export interface ForgetWish {
  readonly type: 'forgetWish';
  readonly wish: string;
  readonly why: string;
}

export type RepairAction = Change | Release | ForgetWish;
