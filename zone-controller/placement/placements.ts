/** Decides and records where meetings are: `placeMeeting` on what is known now, then a compare-and-swap. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { Lookup, MeetingPlacement, ZoneRecords } from '../registry/records.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { type Demand, describePlacement, type Placement, placeMeeting } from './place-meeting.ts';

/** A meeting of four, each sending 50 audio and 100 video packets a second to the three others. */
const EXPECTED_MEETING: Demand = { participants: 4, packetsPerSecond: 4 * 150 * 4 };
const PACKETS_PER_PARTICIPANT = 150;
/** More than these are not forwarded to one receiver: its slots. */
const EXPECTED_SLOTS = 12;
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
   * come last. Throws ZonecastError `noRouter`.
   */
  async place(meeting: MeetingId, failed: ReadonlySet<RouterId>): Promise<Placed> {
    for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
      const found = await this.#records.placement(meeting);
      const decision = this.#decide(found.value?.root?.router, failed);
      this.#log.info({ meeting, why: describePlacement(decision) }, 'meeting placed');
      if (decision.router === undefined) {
        throw new ZonecastError('noRouter', 'There is no room for this meeting at the moment.', {
          retryAfterMs: RETRY_MS,
        });
      }
      this.#directory.reserve(decision.router, EXPECTED_MEETING);
      const { router } = decision;
      const epoch = (found.value?.epoch ?? 0) + 1;
      if (await this.#swap(meeting, { epoch, root: { router }, branches: [] }, found)) return { epoch, router };
    }
    throw new ZonecastError('noRouter', 'The meeting could not be placed. Try again.', { retryAfterMs: RETRY_MS });
  }

  /** Somebody joins a meeting of `participants` that is on `router`: counts their media. */
  reserveJoin(router: RouterId, participants: number): void {
    const others = Math.min(participants, EXPECTED_SLOTS);
    const packetsPerSecond = PACKETS_PER_PARTICIPANT * (1 + 2 * others);
    this.#directory.reserve(router, { participants: 1, packetsPerSecond });
  }

  /** The meeting is nowhere now. The epoch stays, so that its next placement has a higher one. */
  async release(meeting: MeetingId, placed: Placed): Promise<void> {
    const found = await this.#records.placement(meeting);
    if (found.value?.epoch !== placed.epoch) return;
    await this.#swap(meeting, { epoch: placed.epoch, root: null, branches: [] }, found);
  }

  #decide(current: RouterId | undefined, failed: ReadonlySet<RouterId>): Placement {
    const all = this.#directory.candidates();
    const others = all.filter(({ router }) => !failed.has(router));
    const decision = placeMeeting(others, EXPECTED_MEETING, current);
    const isLastChoice = decision.router === undefined && others.length < all.length;
    return isLastChoice ? placeMeeting(all, EXPECTED_MEETING, current) : decision;
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
