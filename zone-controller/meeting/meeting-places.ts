/**
 * What follows when places of meetings come and go: routers are told the tree, people of places that are lost or being
 * emptied are asked to move, and what a lost router leaves is joined up again, by every controller that has people in it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { Snapshot__Output } from '../../proto/gen/zonecast/router/v1/Snapshot.ts';
import { isSamePlace } from '../placement/meeting-tree.ts';
import { isAt, isOn, placesOf } from '../placement/placement-tree.ts';
import type { Placements } from '../placement/placements.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Moves } from './moves.ts';
import type { Session } from './session.ts';
import type { TreeSender } from './tree-sender.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;

export interface MeetingPlacesOptions {
  readonly meetings: LiveMeetings;
  readonly placements: Placements;
  readonly trees: TreeSender;
  readonly moves: Moves;
  /** Every placement that is known, by meeting. */
  readonly known: ReadonlyMap<MeetingId, MeetingPlacement>;
  readonly has: (router: RouterId) => boolean;
  /** Whether a router has not been heard of for a while. */
  readonly isSilent: (router: RouterId) => boolean;
  readonly log: Logger;
}

export class MeetingPlaces {
  readonly #options: MeetingPlacesOptions;
  readonly #repairing = new Set<MeetingId>();
  readonly #closing = new AbortController();

  constructor(options: MeetingPlacesOptions) {
    this.#options = options;
  }

  /** It has become known that the meeting is there now. */
  changed(id: MeetingId, placement: MeetingPlacement): void {
    const { meetings, trees } = this.#options;
    trees.tell(id, placement);
    const meeting = meetings.get(id);
    if (meeting === undefined || placement.root === null) return;
    for (const mirror of [...meeting.mirrors]) {
      const { router } = mirror;
      if (isOn(placement, router)) mirror.epoch = Math.max(mirror.epoch, placement.epoch);
      else {
        trees.end(id, router, placement);
        this.#lose(meeting, router);
      }
    }
    for (const session of [...meeting.sessions.values()]) this.#check(session, placement);
  }

  /** Somebody has just come: perhaps he is to go on at once. */
  check(session: Session): void {
    const placement = this.#options.placements.current(session.meeting.id);
    if (session.place === undefined) this.#options.moves.displace(session, 'routerLost', true);
    else if (placement !== undefined) this.#check(session, placement);
  }

  /**
   * A client says that nothing comes from its router. If we do not hear of that router either, it hangs, and he goes on by
   * another; one witness alone may have lost no more than its own way there.
   */
  mediaLost(session: Session): void {
    const router = session.place?.mirror.router;
    if (router === undefined || session.displaced !== undefined || !this.#options.isSilent(router)) return;
    const { meeting, participant } = session;
    this.#options.log.warn({ meeting: meeting.id, participant, router }, 'neither media nor events from a router');
    this.#options.moves.displace(session, 'routerLost', false);
  }

  /** Whether the meeting is still meant to be on that router. */
  isOn(meeting: MeetingId, router: RouterId): boolean {
    const placement = this.#options.placements.current(meeting);
    return placement !== undefined && isOn(placement, router);
  }

  /** The router is gone, and its meetings with it. */
  routerLost(router: RouterId): void {
    const { meetings, placements, trees } = this.#options;
    trees.lost(router);
    for (const meeting of [...meetings.all]) {
      const placement = placements.current(meeting.id);
      const isConcerned = placement !== undefined && isOn(placement, router);
      if (isConcerned || meeting.mirror(router) !== undefined) this.#lose(meeting, router);
      if (isConcerned) void this.#repair(meeting.id);
    }
  }

  /** The router listens anew, and may know nothing. */
  subscribed(router: RouterId): void {
    const { trees, known, placements } = this.#options;
    trees.subscribed(router);
    for (const [id, mirrored] of known) {
      const placement = placements.current(id) ?? mirrored;
      if (isOn(placement, router)) trees.tell(id, placement);
    }
  }

  /** A router has people of ours in a meeting in which we know of nobody there: it was away, and missed something. */
  async stray(router: RouterId, snapshot: Snapshot__Output, release: () => void): Promise<void> {
    const { placements, trees, log } = this.#options;
    // The cast: the router has the id from us.
    const id = snapshot.meeting as MeetingId;
    try {
      const placement = await placements.refresh(id);
      if (placement === undefined) return;
      if (isOn(placement, router)) release();
      else if (placement.epoch >= snapshot.epoch) {
        log.warn({ meeting: id, router, epoch: snapshot.epoch }, 'a router has a meeting that is elsewhere');
        trees.end(id, router, placement);
      }
    } catch (error) {
      log.warn({ meeting: id, router, err: error }, 'where a meeting is could not be read');
    }
  }

  close(): void {
    this.#closing.abort();
    this.#options.trees.close();
  }

  #check(session: Session, placement: MeetingPlacement): void {
    const { place } = session;
    if (place === undefined) return;
    const at = { router: place.mirror.router, worker: place.worker };
    const leaving = placement.leaving.find((each) => isSamePlace(each, at));
    const why = leaving?.why ?? (isAt(placement, at) ? undefined : 'rebalance');
    // Until it is heard again: then who has not moved yet need not.
    const isHanging = session.displaced === 'routerLost' && this.#options.isSilent(at.router);
    if (why !== undefined) this.#options.moves.displace(session, why, false);
    else if (session.avoid === undefined && !isHanging) session.displaced = undefined;
  }

  #lose(meeting: LiveMeeting, router: RouterId): void {
    const { meetings, moves, log } = this.#options;
    const mirror = meeting.mirror(router);
    const sessions = mirror === undefined ? [] : meeting.sessionsAt(mirror);
    if (mirror !== undefined) log.error({ meeting: meeting.id, router, people: sessions.length }, 'place lost');
    // Before anything else: how long people are without media counts from here.
    for (const session of sessions) moves.displace(session, 'routerLost', true);
    for (const session of meeting.sessions.values()) {
      if (session.lingering?.place.mirror === mirror) moves.cease(session);
    }
    meeting.lose(router);
    meetings.settle(meeting);
  }

  /** Until nothing of it is on lost routers, or nobody of ours is in it. With the registry away it waits for that. */
  async #repair(id: MeetingId): Promise<void> {
    const { meetings, placements, log } = this.#options;
    if (this.#repairing.has(id)) return;
    this.#repairing.add(id);
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted && meetings.get(id) !== undefined; attempt++) {
      try {
        const { placement } = await placements.whole(id);
        if (placesOf(placement).every(({ router }) => this.#options.has(router))) break;
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        log.warn({ meeting: id, err: error }, 'a meeting could not be joined up again yet');
      }
      const delayMs = Math.min(FIRST_RETRY_MS * 2 ** attempt, MAX_RETRY_MS);
      await pause(delayMs, undefined, { signal }).catch(() => undefined);
    }
    this.#repairing.delete(id);
  }
}
