/**
 * Where meetings are, and the decision where they go: `placeMeeting` on what is known now, then a compare-and-swap, so
 * that of several controllers that place the same meeting one wins and the others use its choice. The shell of this
 * folder; all else in it is pure. As yet a meeting is on one worker.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { Lookup, MeetingPlacement, ZoneRecords } from '../registry/records.ts';
import { ABSENT } from '../registry/registry.ts';
import type { ZoneMirror } from '../registry/zone-mirror.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { describeExplanation } from './explanation.ts';
import { meetingDemand } from './meeting-cost.ts';
import { placeMeeting } from './place-meeting.ts';

const MAX_CONFLICTS = 8;
const RETRY_MS = 2_000;

/** Where a meeting is. */
export interface Placed {
  readonly epoch: number;
  readonly router: RouterId;
  /** Undefined in an older record: the router chooses. */
  readonly worker: number | undefined;
  /** Decided just now: nobody is in it yet. */
  readonly isNew: boolean;
}

/** What has just been found out about a meeting's placement. */
export interface Findings {
  /** This epoch is over: its router does not take anybody under it. */
  readonly overEpoch?: number;
  /** Routers that did not answer when the meeting was new there. They come last. */
  readonly failed?: ReadonlySet<RouterId>;
}

/** What placing needs of the directory. */
export type RoutersToPlace = Pick<RouterDirectory, 'capacity' | 'nowMs' | 'has'>;

export class Placements {
  readonly #records: ZoneRecords;
  readonly #mirror: Pick<ZoneMirror, 'placements'>;
  readonly #routers: RoutersToPlace;
  readonly #log: Logger;
  /** Joins that come together place the meeting once. */
  readonly #placing = new Map<MeetingId, Promise<Placed>>();

  constructor(records: ZoneRecords, mirror: Pick<ZoneMirror, 'placements'>, routers: RoutersToPlace, log: Logger) {
    this.#records = records;
    this.#mirror = mirror;
    this.#routers = routers;
    this.#log = log;
  }

  /** Where the meeting is as last seen, wherever that is. Asks the registry only about one that was never seen. */
  async find(meeting: MeetingId): Promise<MeetingPlacement | undefined> {
    return this.#mirror.placements.get(meeting) ?? (await this.#records.placement(meeting)).value;
  }

  /**
   * Where the meeting is; when it is nowhere, or its router is gone, it is placed. Throws ZonecastError `noRouter`, and
   * `badRecord` when there is a placement that cannot be read: of a newer release perhaps, with an epoch that is higher
   * than any we could choose.
   */
  locate(meeting: MeetingId, findings: Findings = {}): Promise<Placed> {
    const mirrored = this.#usable(this.#mirror.placements.get(meeting), findings);
    if (mirrored !== undefined) return Promise.resolve(mirrored);
    let placing = this.#placing.get(meeting);
    if (placing === undefined) {
      placing = this.#place(meeting, findings).finally(() => this.#placing.delete(meeting));
      this.#placing.set(meeting, placing);
    }
    return placing;
  }

  /** Whether the router is gone for the whole zone. Throws ZonecastError `registryUnavailable`. */
  async isGone(router: RouterId): Promise<boolean> {
    return !this.#routers.has(router) && (await this.#records.router(router)).revision === ABSENT;
  }

  /** Somebody joins a meeting of `participants`, themselves included: counts their media until reports show it. */
  reserveJoin({ router, worker }: Placed, participants: number): void {
    const { capacity, nowMs } = this.#routers;
    const { media } = capacity.policy;
    const before = meetingDemand(Math.max(0, participants - 1), media);
    const after = meetingDemand(participants, media);
    const demand = { participants: 1, packetsPerSecond: after.packetsPerSecond - before.packetsPerSecond };
    // Where a router chose the worker itself, its least loaded one is the best guess.
    capacity.reserve(nowMs, [{ router, worker: worker ?? capacity.router(router)?.idlest ?? 0, demand }]);
    capacity.countJoin(nowMs, router);
  }

  /** The meeting is nowhere now. The epoch stays, so that its next placement has a higher one. */
  async release(meeting: MeetingId, epoch: number): Promise<void> {
    const found = await this.#records.placement(meeting);
    if (found.value?.epoch !== epoch) return;
    await this.#swap(meeting, { epoch, root: null, branches: [] }, found);
  }

  async #place(meeting: MeetingId, findings: Findings): Promise<Placed> {
    for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
      const found = await this.#records.placement(meeting);
      if (found.revision !== ABSENT && found.value === undefined) {
        throw new ZonecastError('badRecord', 'The record of where this meeting is cannot be read.');
      }
      const present = this.#usable(found.value, findings);
      if (present !== undefined) return present;
      await this.#checkGone(found.value, findings);
      const placed = this.#decide(meeting, found.value, findings);
      const { epoch, router, worker } = placed;
      if (await this.#swap(meeting, { epoch, root: { router, worker }, branches: [] }, found)) return placed;
    }
    throw new ZonecastError('noRouter', 'The meeting could not be placed. Try again.', { retryAfterMs: RETRY_MS });
  }

  #usable(placement: MeetingPlacement | undefined, { overEpoch = 0, failed }: Findings): Placed | undefined {
    if (placement?.root == null || placement.epoch <= overEpoch) return undefined;
    const { epoch, root } = placement;
    if (!this.#routers.has(root.router) || failed?.has(root.router)) return undefined;
    return { epoch, router: root.router, worker: root.worker, isNew: false };
  }

  /**
   * A meeting is taken from a router only when its epoch is over, or the router is gone for the whole zone: one that
   * merely does not answer us may have people in it. Throws ZonecastError `noRouter`.
   */
  async #checkGone(placement: MeetingPlacement | undefined, { overEpoch = 0, failed }: Findings): Promise<void> {
    if (placement?.root == null || placement.epoch <= overEpoch || failed?.has(placement.root.router)) return;
    if (await this.isGone(placement.root.router)) return;
    const message = 'The server that carries this meeting does not answer.';
    throw new ZonecastError('noRouter', message, { retryAfterMs: RETRY_MS });
  }

  /** On the router it was on if that has room, or another; always under a new epoch. */
  #decide(meeting: MeetingId, was: MeetingPlacement | undefined, { overEpoch = 0, failed }: Findings): Placed {
    const { capacity, nowMs } = this.#routers;
    const request = { meeting, nowMs, previous: was?.root?.router, ...(failed === undefined ? {} : { failed }) };
    const decision = placeMeeting(capacity, request);
    this.#log.info({ meeting, why: describeExplanation(decision.explanation) }, 'meeting placed');
    if (decision.outcome === 'refused') {
      const { retryAfterMs } = decision;
      throw new ZonecastError('noRouter', 'There is no room for this meeting at the moment.', { retryAfterMs });
    }
    capacity.reserve(nowMs, decision.reservations);
    return { epoch: Math.max(was?.epoch ?? 0, overEpoch) + 1, ...decision.place, isNew: true };
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

/** What a failed join tells about where the meeting is; undefined when another attempt makes no sense. */
export function afterFailedJoin(findings: Findings, placed: Placed, error: unknown): Findings | undefined {
  if (!(error instanceof ZonecastError)) return undefined;
  const over = { ...findings, overEpoch: placed.epoch };
  if (error.code === 'staleEpoch' || error.code === 'meetingLost') return over;
  // Where people may be in it, the meeting stays, whether its router answers us or not.
  if (error.code !== 'noRouter' || !placed.isNew) return undefined;
  return { ...over, failed: new Set([...(findings.failed ?? []), placed.router]) };
}

/** Every place of the meeting, that on `first` before the others. */
export function placesOf(placement: MeetingPlacement | undefined, first: RouterId): Placed[] {
  if (placement?.root == null) return [];
  const { epoch, root, branches } = placement;
  const places = [root, ...branches].map(({ router, worker }) => ({ epoch, router, worker, isNew: false }));
  return places.sort((a, b) => Number(b.router === first) - Number(a.router === first));
}
