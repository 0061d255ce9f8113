/**
 * What operators have done. Drains and moves are wishes in the registry, so that whichever controller leads, or has the
 * people concerned, carries them out; to kick somebody is one command to his router.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { KickRequest__Output } from '../../proto/gen/zonecast/admin/v1/KickRequest.ts';
import type { MoveReply } from '../../proto/gen/zonecast/admin/v1/MoveReply.ts';
import type { MoveRequest__Output } from '../../proto/gen/zonecast/admin/v1/MoveRequest.ts';
import type { Empty__Output } from '../../proto/gen/zonecast/router/v1/Empty.ts';
import { REASON_WORDS, type Reason } from '../placement/explanation.ts';
import { type Destination, isAsked } from '../placement/grow-tree.ts';
import type { KnownRouter } from '../placement/known-router.ts';
import { isSamePlace, type WorkerPlace } from '../placement/meeting-tree.ts';
import { placeJoin } from '../placement/place-join.ts';
import {
  type DrainRecord,
  type MeetingPlacement,
  type MoveWish,
  moveWishId,
  type ZoneRecords,
} from '../registry/records.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { treeOf } from './explain.ts';
import { describe, placesIn } from './router-questions.ts';
import type { ZoneReport } from './zone-report.ts';

const MIN_DRAIN_MS = 1_000;
const MAX_DRAIN_MS = 7 * 24 * 3_600_000;
/** What was not possible within this is not wanted any more. */
const MOVE_WISH_MS = 60_000;

export interface ZoneOrdersOptions {
  readonly records: ZoneRecords;
  readonly directory: RouterDirectory;
  readonly report: ZoneReport;
  /** Has the meeting's routers end his stay and keep him out. @throws ZonecastError */
  readonly remove: (meeting: MeetingId, participant: ParticipantId) => Promise<void>;
  readonly kicked: (meeting: MeetingId, participant: ParticipantId) => void;
  readonly log: Logger;
}

export class ZoneOrders {
  readonly #options: ZoneOrdersOptions;

  constructor(options: ZoneOrdersOptions) {
    this.#options = options;
  }

  /** Replaces the deadline of a drain that is under way. @throws ZonecastError `noSuchRouter`, `badMessage` */
  async drain(router: string, durationMs: number, by: string): Promise<DrainRecord> {
    const { records, report, log } = this.#options;
    const { router: id } = report.router(router);
    if (durationMs < MIN_DRAIN_MS || durationMs > MAX_DRAIN_MS) {
      throw new ZonecastError('badMessage', 'A drain may take from one second to seven days.');
    }
    const before = await records.drain(id);
    const startedMs = before.value?.startedMs ?? Date.now();
    const record = { startedMs, deadlineMs: Date.now() + durationMs, by };
    await records.putDrain(id, record);
    log.info({ router, by, durationMs }, 'an operator drains a router');
    return record;
  }

  /** False when it was not being drained. The router need not be there. */
  async undrain(router: string, by: string): Promise<boolean> {
    const { records, log } = this.#options;
    const wasDraining = await records.deleteDrain(router as RouterId); // a key, which may not exist
    log.info({ router, by, wasDraining }, 'an operator ends a drain');
    return wasDraining;
  }

  /** @throws ZonecastError `noSuchMeeting`, `noSuchParticipant`, `noSuchRouter`, `badMessage`, and `noRouter` when there is no room */
  async move(request: MoveRequest__Output, by: string): Promise<MoveReply> {
    const { records, report, log } = this.#options;
    const meeting = request.meeting as MeetingId; // a key to look for
    const placement = report.placement(meeting);
    const participant = request.participant === '' ? undefined : (request.participant as ParticipantId);
    const from = await this.#origin(meeting, placement, participant, request.from);
    const wish: MoveWish = {
      from,
      expiresMs: Date.now() + MOVE_WISH_MS,
      by,
      ...(participant === undefined ? {} : { participant }),
      ...this.#destination(request, from),
    };
    if (wish.to !== undefined) await this.#checkRoom(meeting, placement, participant, wish.to);
    await records.putMove(moveWishId(meeting, participant ?? from), wish);
    log.info({ meeting, participant, from, to: wish.to, by }, 'an operator wants somebody moved');
    return { from: from.router, expiresMs: wish.expiresMs };
  }

  /** The router that he was on. @throws ZonecastError `noSuchMeeting`, `noSuchParticipant`, `noRouter` */
  async kick({ meeting, participant, reason }: KickRequest__Output, by: string): Promise<RouterId> {
    const { directory, report, remove, kicked, log } = this.#options;
    const id = meeting as MeetingId; // a key to look for
    const whom = participant as ParticipantId;
    const placement = report.placement(meeting);
    const router = await this.#routerOf(id, placement, participant);
    await remove(id, whom).catch((error: unknown) => {
      log.warn({ meeting, participant, err: error }, 'who is kicked is not kept out of the meeting');
    });
    const request = { meeting, epoch: placement.epoch, participant, kicked: true };
    // Whom the state has lost is still there, and somebody who moves is on two. A router that he is not on takes no notice.
    const routers = new Set([router, ...placesIn(placement).map((place) => place.router)]);
    const leave = (from: RouterId): Promise<Empty__Output> =>
      directory.link(from).call<Empty__Output>((client, options, done) => client.Leave(request, options, done));
    const [first] = await Promise.allSettled([...routers].map(leave));
    if (first?.status === 'rejected') throw first.reason;
    kicked(id, whom); // a router has him
    log.warn({ meeting, participant, router, reason, by }, 'an operator has kicked a participant');
    return router;
  }

  async #origin(
    meeting: MeetingId,
    placement: MeetingPlacement,
    participant: ParticipantId | undefined,
    from: string,
  ): Promise<MoveWish['from']> {
    const places = placesIn(placement);
    const [named = '', worker] = from.split('/');
    const router = participant === undefined ? named : await this.#routerOf(meeting, placement, participant, named);
    const there = places.filter(
      (place) => (router === '' || place.router === router) && (worker ?? `${place.worker}`) === `${place.worker}`,
    );
    const [found, another] = there;
    // Where somebody is on a router, his controller knows; which worker it is does not matter then.
    if (found !== undefined && (another === undefined || participant !== undefined)) {
      return { router: found.router, worker: found.worker };
    }
    const names = places.map((place) => `${place.router}/${place.worker}`).join(', ');
    throw new ZonecastError('badMessage', `The meeting is on ${names}: name the one that is to go.`);
  }

  /** `from`: if he is on several, this one. */
  async #routerOf(meeting: MeetingId, placement: MeetingPlacement, participant: string, from = ''): Promise<RouterId> {
    const { people, silent } = await this.#options.report.people(meeting, placement);
    const found = people.find((each) => each.participant === participant && (from === '' || each.router === from));
    if (found !== undefined) return found.router as RouterId; // as the placement has it
    const unknown = silent.length === 0 ? '' : ` (${silent.join(', ')} did not answer)`;
    const where = from === '' ? 'in the meeting' : `on ${from}`;
    throw new ZonecastError('noSuchParticipant', `No participant "${participant}" is ${where}${unknown}.`);
  }

  /** As a move would find it at this moment. For a whole place, load does not count. */
  async #checkRoom(
    meeting: MeetingId,
    placement: MeetingPlacement,
    participant: ParticipantId | undefined,
    to: Destination,
  ): Promise<void> {
    const { directory } = this.#options;
    const { capacity, nowMs } = directory;
    const why =
      participant === undefined
        ? whyClosed(capacity.router(to.router), nowMs)
        : await this.#whyNoRoom(meeting, placement, participant, to);
    if (why === undefined) return;
    throw new ZonecastError('noRouter', `Nobody can be moved to ${nameOf(to)}: ${REASON_WORDS[why]}.`);
  }

  async #whyNoRoom(
    meeting: MeetingId,
    placement: MeetingPlacement,
    participant: ParticipantId,
    at: Destination,
  ): Promise<Reason | undefined> {
    const { directory } = this.#options;
    const tree = treeOf(meeting, placement, await describe(directory, new Map([[meeting, placement]]), false));
    const avoid = (place: WorkerPlace): Reason | undefined => {
      if (!isAsked(at, place)) return 'notAsked';
      return placement.leaving.some((leaving) => isSamePlace(leaving, place)) ? 'draining' : undefined;
    };
    const decision = placeJoin(directory.capacity, tree, { nowMs: directory.nowMs, who: participant, avoid, at });
    return decision.outcome === 'placed' ? undefined : decision.why;
  }

  #destination({ toRouter, toWorker }: MoveRequest__Output, from: MoveWish['from']): Pick<MoveWish, 'to'> {
    if (toRouter === '' && toWorker === undefined) return {};
    if (toRouter === '') throw new ZonecastError('badMessage', 'A worker is named without its router.');
    const { router, record } = this.#options.report.router(toRouter);
    if (toWorker !== undefined && toWorker >= record.workers) {
      throw new ZonecastError('badMessage', `${router} has ${record.workers} workers, numbered from 0.`);
    }
    if (router === from.router && (toWorker === undefined || toWorker === from.worker)) {
      throw new ZonecastError('badMessage', `That is on ${router} already.`);
    }
    return { to: toWorker === undefined ? { router } : { router, worker: toWorker } };
  }
}

/** Why nobody comes to a router, whatever the room there. */
function whyClosed(router: KnownRouter | undefined, nowMs: number): Reason | undefined {
  if (router === undefined) return 'lost';
  return router.refusesJoins(nowMs) ?? (router.standing === 'notReady' ? 'notReady' : undefined);
}

function nameOf({ router, worker }: Destination): string {
  return worker === undefined ? router : `${router}/${worker}`;
}
