/**
 * Those who wait at this controller until they are let in. Their routers know who they are, hosts see them, and say who
 * comes in; then the same join is asked for again. So it is when a router may have forgotten them, or is lost.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { toZonecastError, ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { MeetingState } from '../../mmr/control/state/meeting-state.ts';
import { isOn } from '../placement/placement-tree.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import { tryLater } from '../registry/try-later.ts';
import type { Entered, Entrance, Entry } from './entrance.ts';
import { type Guest, newcomerOf } from './guests.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { PlaceMirror } from './place-mirror.ts';
import { PASS_RENEWED_MS, type SessionTokens } from './session-tokens.ts';
import { CLOSE_REPLACED } from './sessions.ts';
import { startOf } from './start.ts';
import { type Applicant, Waiter, type WaitingReason } from './waiter.ts';

/** Of all who wait at this controller; an offer has some 10 KB. */
const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 256 * 1024 * 1024;
const RETRY_MS = 10_000;
/** Without a connection. */
const KEPT_MS = 10_000;
/** Of thousands who are let in at once, some have to try again. */
const MAX_ATTEMPTS = 20;

/** Somebody whom a router has let in. */
export type Welcome = (applicant: Applicant, entered: Entered & { readonly answer: string }) => void;

export interface WaitingRoomOptions {
  readonly meetings: LiveMeetings;
  readonly entrance: Pick<Entrance, 'enter' | 'leave' | 'detach'>;
  readonly tokens: Pick<SessionTokens, 'signPass'>;
  readonly welcome: Welcome;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #waiters = new Map<string, Waiter>();
  #bytes = 0;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** His router has him wait at `entry`. @throws ZonecastError `rateLimited`, `notJoined` */
  async wait(applicant: Applicant, entry: Entry): Promise<void> {
    const waiter = new Waiter(applicant, entry);
    const { guest } = waiter;
    this.#admit(waiter);
    const pass = await this.#passFor(guest);
    if (waiter.isOver) return;
    const { state, isKnown } = entry.place.mirror.state;
    const { definition } = guest;
    const { waitingRoom } = isKnown ? state.settings : startOf(definition).settings;
    const reason = waitingRoom ? 'waitingRoom' : 'noHost';
    waiter.told = { reason, atMs: this.#options.now() };
    this.#tell(waiter, pass, reason);
    this.#look(waiter, state);
  }

  /** Whose pass is old is told again that he waits, with a fresh one. To be called steadily. */
  async renew(): Promise<void> {
    const nowMs = this.#options.now();
    for (const waiter of [...this.#waiters.values()]) {
      const { told } = waiter;
      if (told === undefined || nowMs - told.atMs < PASS_RENEWED_MS) continue;
      waiter.told = { ...told, atMs: nowMs };
      const pass = await this.#passFor(waiter.guest);
      if (!waiter.isOver) this.#tell(waiter, pass, told.reason);
    }
  }

  /** A host has decided. */
  ended(meeting: MeetingId, participant: ParticipantId, admitted: boolean): void {
    const waiter = this.#waiters.get(keyOf(meeting, participant));
    if (waiter === undefined) return;
    if (admitted) void this.#ask(waiter);
    else this.#dismiss(waiter, 'refused');
  }

  /** The meeting is over for those who wait at this place. */
  meetingEnded(mirror: PlaceMirror): void {
    for (const waiter of this.#at(mirror.router, mirror.meeting)) this.#dismiss(waiter, 'meetingEnded');
  }

  /** The router listens anew and may know nothing of them, or has let them in meanwhile; or it is lost. */
  askAgain(router: RouterId): void {
    for (const waiter of this.#at(router)) void this.#ask(waiter);
  }

  /** Nobody waits where the meeting is not, or is not to be much longer. */
  moved(meeting: MeetingId, placement: MeetingPlacement): void {
    for (const waiter of this.#waiters.values()) {
      if (waiter.guest.meeting !== meeting) continue;
      const { router } = waiter.entry.place.mirror;
      const isLeaving = placement.leaving.some((place) => place.router === router);
      if (isLeaving || !isOn(placement, router)) void this.#ask(waiter);
    }
  }

  /** The client's own wish. */
  leave(waiter: Waiter): void {
    waiter.client.send({ type: 'left', reason: 'left' });
    this.#forget(waiter);
    this.#options.entrance.leave(waiter.entry);
    waiter.client.release();
  }

  /** The client's WebSocket is gone. Hosts see him for a while: by its pass it may come back, here or at another controller. */
  disconnected(waiter: Waiter): void {
    if (waiter.isOver) return;
    this.#forget(waiter);
    this.#options.entrance.detach(waiter.entry, KEPT_MS);
  }

  /** He waits there no more, and nobody has decided about him. */
  sentAway(mirror: PlaceMirror, participant: ParticipantId, reason: string): void {
    const waiter = this.#waiters.get(keyOf(mirror.meeting, participant));
    if (waiter?.entry.place.mirror !== mirror) return;
    // The meeting is elsewhere, or begins anew.
    if (reason === 'meetingClosed') void this.#ask(waiter);
    else this.#dismiss(waiter, reason);
  }

  /** Those who still wait come back to other controllers. */
  close(): void {
    for (const waiter of [...this.#waiters.values()]) this.#forget(waiter);
  }

  #passFor({ meeting, participant, name, role, atHome, returning, definition }: Guest): Promise<string> {
    const { main } = startOf(definition);
    const who = { meeting, participant, name, role, main, atHome };
    return this.#options.tokens.signPass({ ...who, ...(returning ? { returning } : {}) });
  }

  #tell({ client, guest, message }: Waiter, pass: string, reason: WaitingReason): void {
    const { meeting: id, participant, definition } = guest;
    const title = definition.title === undefined ? {} : { title: definition.title };
    client.send({ type: 'waiting', id: message.id, participant, pass, reason, meeting: { id, ...title } });
  }

  #admit(waiter: Waiter): void {
    const { client, guest, entry } = waiter;
    const key = keyOf(guest.meeting, guest.participant);
    const earlier = this.#waiters.get(key);
    const isFull = this.#waiters.size >= MAX_WAITING || this.#bytes + waiter.size > MAX_WAITING_BYTES;
    if (isFull || !client.isOpen) {
      this.#unseat(entry);
      this.#options.entrance.leave(entry);
      if (isFull) throw new ZonecastError('rateLimited', 'Too many people are waiting.', { retryAfterMs: RETRY_MS });
      throw new ZonecastError('notJoined', 'The client went away.');
    }
    if (earlier !== undefined) {
      this.#forget(earlier);
      earlier.client.close(CLOSE_REPLACED, 'joined on another connection');
      entry.place.mirror.waiting.add(guest.participant);
    }
    this.#waiters.set(key, waiter);
    this.#bytes += waiter.size;
    client.take(waiter);
  }

  /** What has become known of him before he was known here. */
  #look(waiter: Waiter, { people, removed, ended }: MeetingState): void {
    const { participant } = waiter.guest;
    if (ended) this.#dismiss(waiter, 'meetingEnded');
    else if (removed.includes(participant)) this.#dismiss(waiter, 'refused');
    else if (people.has(participant)) void this.#ask(waiter);
  }

  async #ask(waiter: Waiter): Promise<void> {
    waiter.isToAsk = true;
    if (waiter.isAsking) return;
    waiter.isAsking = true;
    try {
      while (waiter.isToAsk && !waiter.isOver) {
        waiter.isToAsk = false;
        await this.#askOnce(waiter);
      }
    } catch (error) {
      this.#fail(waiter, error);
    } finally {
      waiter.isAsking = false;
    }
  }

  async #askOnce(waiter: Waiter): Promise<void> {
    const { entrance, welcome } = this.#options;
    const { entry, answer } = await this.#enter(waiter);
    const before = waiter.entry;
    if (waiter.isOver) {
      this.#unseat(entry);
      entrance.leave(entry);
    } else if (answer !== undefined) {
      this.#forget(waiter);
      welcome(waiter, { entry, answer });
    } else waiter.entry = entry;
    if (before.place.mirror === entry.place.mirror) return;
    this.#unseat(before);
    if (!before.place.mirror.isOver) entrance.leave(before);
  }

  /** Until it is done, or cannot be. */
  async #enter(waiter: Waiter): Promise<Entered> {
    const { guest, message } = waiter;
    const newcomer = newcomerOf(guest, message);
    for (let attempt = 1; ; attempt++) {
      try {
        return await tryLater(this.#options.entrance.enter(guest.meeting, guest.participant, newcomer));
      } catch (error) {
        const { retryAfterMs } = toZonecastError(error);
        if (retryAfterMs === undefined || attempt === MAX_ATTEMPTS || waiter.isOver) throw error;
        await pause(retryAfterMs);
      }
    }
  }

  #fail(waiter: Waiter, error: unknown): void {
    if (waiter.isOver) return;
    const { client, guest, message, entry } = waiter;
    const { meeting, participant } = guest;
    this.#options.log.warn({ meeting, participant, err: error }, 'somebody who waited could not come in');
    this.#forget(waiter);
    this.#options.entrance.leave(entry);
    client.refuse(error, message.id);
    client.release();
  }

  #dismiss(waiter: Waiter, reason: string): void {
    waiter.client.send({ type: 'left', reason });
    this.#forget(waiter);
    waiter.client.release();
  }

  #forget(waiter: Waiter): void {
    if (waiter.isOver) return;
    waiter.isOver = true;
    const key = keyOf(waiter.guest.meeting, waiter.guest.participant);
    if (this.#waiters.get(key) === waiter) this.#waiters.delete(key);
    this.#bytes -= waiter.size;
    this.#unseat(waiter.entry);
  }

  #unseat({ meeting, participant, place }: Entry): void {
    place.mirror.waiting.delete(participant);
    this.#options.meetings.settle(meeting);
  }

  #at(router: RouterId, meeting?: MeetingId): Waiter[] {
    return [...this.#waiters.values()].filter(
      ({ entry, guest }) =>
        entry.place.mirror.router === router && (meeting === undefined || guest.meeting === meeting),
    );
  }
}

function keyOf(meeting: MeetingId, participant: ParticipantId): string {
  return `${meeting} ${participant}`;
}
