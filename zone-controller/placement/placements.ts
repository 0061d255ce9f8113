/**
 * Decides and records where meetings are: `placeMeeting` on what is known now, then a compare-and-swap. The shell of this
 * folder; all else in it is pure. As yet a meeting is on one router, which chooses the worker itself.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { Lookup, MeetingPlacement, ZoneRecords } from '../registry/records.ts';
import { ABSENT } from '../registry/registry.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import type { Decision } from './decision.ts';
import { describeExplanation } from './explanation.ts';
import { meetingDemand } from './meeting-cost.ts';
import { placeMeeting } from './place-meeting.ts';

const MAX_CONFLICTS = 8;
const RETRY_MS = 2_000;

export interface Placed {
  readonly epoch: number;
  readonly router: RouterId;
}

export class Placements {
  readonly #records: ZoneRecords;
  readonly #directory: RouterDirectory;
  readonly #log: Logger;

  constructor(records: ZoneRecords, directory: RouterDirectory, log: Logger) {
    this.#records = records;
    this.#directory = directory;
    this.#log = log;
  }

  /**
   * The router for a meeting in which nobody is: the one it was on if that has room, or another. Always under a new
   * epoch, so that a command of the time before that is still under way cannot touch it. Routers that have just `failed`
   * come last. Throws ZonecastError `noRouter`, and `badRecord` when there is a placement that cannot be read: of a
   * newer release perhaps, with an epoch that is higher than any we could choose.
   */
  async place(meeting: MeetingId, failed: ReadonlySet<RouterId>): Promise<Placed> {
    for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
      const found = await this.#records.placement(meeting);
      if (found.revision !== ABSENT && found.value === undefined) {
        throw new ZonecastError('badRecord', 'The record of where this meeting is cannot be read.');
      }
      const decision = this.#decide(meeting, found.value?.root?.router, failed);
      if (decision.outcome === 'refused') {
        const { retryAfterMs } = decision;
        throw new ZonecastError('noRouter', 'There is no room for this meeting at the moment.', { retryAfterMs });
      }
      const { router } = decision.place;
      const epoch = (found.value?.epoch ?? 0) + 1;
      if (await this.#swap(meeting, { epoch, root: { router }, branches: [] }, found)) return { epoch, router };
    }
    throw new ZonecastError('noRouter', 'The meeting could not be placed. Try again.', { retryAfterMs: RETRY_MS });
  }

  /** Somebody joins a meeting of `participants`, themselves included, that is on `router`: counts their media. */
  reserveJoin(router: RouterId, participants: number): void {
    const { media } = this.#directory.capacity.policy;
    const before = meetingDemand(Math.max(0, participants - 1), media);
    const after = meetingDemand(participants, media);
    const packetsPerSecond = after.packetsPerSecond - before.packetsPerSecond;
    this.#directory.reserveJoin(router, { participants: 1, packetsPerSecond });
  }

  /** The meeting is nowhere now. The epoch stays, so that its next placement has a higher one. */
  async release(meeting: MeetingId, placed: Placed): Promise<void> {
    const found = await this.#records.placement(meeting);
    if (found.value?.epoch !== placed.epoch) return;
    await this.#swap(meeting, { epoch: placed.epoch, root: null, branches: [] }, found);
  }

  #decide(meeting: MeetingId, previous: RouterId | undefined, failed: ReadonlySet<RouterId>): Decision {
    const { capacity, nowMs } = this.#directory;
    const decision = placeMeeting(capacity, { meeting, nowMs, previous, failed });
    if (decision.outcome === 'placed') capacity.reserve(nowMs, decision.reservations);
    this.#log.info({ meeting, why: describeExplanation(decision.explanation) }, 'meeting placed');
    return decision;
  }

  async #swap(meeting: MeetingId, next: MeetingPlacement, found: Lookup<MeetingPlacement>): Promise<boolean> {
    try {
      await this.#records.putPlacement(meeting, next, found.revision);
      return true;
    } catch (error) {
      if (error instanceof ZonecastError && error.code === 'revisionConflict') return false;
      throw error;
    }
  }
}
