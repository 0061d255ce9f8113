/**
 * A meeting with people whose clients are connected to this controller: their sessions, a mirror of each router that
 * carries some of them, and what they are told. Owns the meeting's timers.
 */
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { MeetingState } from '../../mmr/control/state/meeting-state.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import { type Carried, MeetingRoster } from './meeting-roster.ts';
import { PlaceMirror } from './place-mirror.ts';
import type { Session } from './session.ts';
import { tellState } from './state-telling.ts';

/** Roster changes are collected for this long, and longer in large meetings: every change goes to everybody. */
const MIN_ROSTER_DELAY_MS = 50;
const MAX_ROSTER_DELAY_MS = 1_000;
/** So are changes of the state; in a small meeting an answer in the chat comes at once. */
const MAX_STATE_DELAY_MS = 1_000;
/** Nobody waits for a quality bar; a router reports every 2 s. */
const QUALITY_DELAY_MS = 500;
/** Who was on a place that is lost is shown as away for so long. */
export const KEPT_MS = 10_000;

export interface MeetingWatcher {
  /** Whether a router is lost, so that its people are awaited elsewhere. */
  readonly isAway: (router: RouterId) => boolean;
  /** A router is lost that has said this of the meeting. */
  readonly stateLost: (state: MeetingState) => void;
  /** Perhaps nobody is in the meeting any more. */
  readonly idle: (meeting: LiveMeeting) => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export class LiveMeeting {
  readonly id: MeetingId;
  readonly roster = new MeetingRoster();
  readonly sessions = new Map<ParticipantId, Session>();
  readonly #mirrors = new Map<RouterId, PlaceMirror>();
  readonly #watcher: MeetingWatcher;
  #rosterTimer: NodeJS.Timeout | undefined;
  #qualityTimer: NodeJS.Timeout | undefined;
  #stateTimer: NodeJS.Timeout | undefined;
  #keptTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(id: MeetingId, watcher: MeetingWatcher) {
    this.id = id;
    this.#watcher = watcher;
  }

  get mirrors(): Iterable<PlaceMirror> {
    return this.#mirrors.values();
  }

  /** Nobody of it is with this controller, about to be, or awaited to come back. */
  get isUnused(): boolean {
    const isAwaiting = this.roster.nextTimeoutMs() < Number.POSITIVE_INFINITY;
    return this.sessions.size === 0 && this.#mirrors.size === 0 && !isAwaiting;
  }

  /** Its state, as one of these routers has told it. */
  stateBy(isOne: (router: RouterId) => boolean): MeetingState | undefined {
    const mirror = [...this.#mirrors.values()].find(({ router, state }) => state.isKnown && isOne(router));
    return mirror?.state.state;
  }

  mirror(router: RouterId): PlaceMirror | undefined {
    return this.#mirrors.get(router);
  }

  /** The mirror of a router, under this epoch or a later one. */
  mirrorAt(router: RouterId, epoch: number): PlaceMirror {
    const present = this.#mirrors.get(router) ?? new PlaceMirror(this.id, router, epoch);
    this.#mirrors.set(router, present);
    present.epoch = Math.max(present.epoch, epoch);
    return present;
  }

  /** Those who have media there. */
  sessionsAt(mirror: PlaceMirror): Session[] {
    return [...this.sessions.values()].filter(({ place }) => place?.mirror === mirror);
  }

  /** Whoever comes is told the whole; what changed before is news for those who were there. */
  add(session: Session): void {
    if (this.sessions.size === 0) {
      this.roster.takeDelta();
      this.roster.takeQualityDelta();
    }
    this.sessions.set(session.participant, session);
  }

  /** Without anybody of ours at a router, that tells nothing more; what only it told goes after a while. */
  settle(): void {
    const nowMs = this.#watcher.now();
    for (const mirror of this.#mirrors.values()) {
      if (!mirror.isKnown) this.roster.forget(mirror.router, this.sessions.size === 0 ? nowMs : nowMs + KEPT_MS);
      if (!mirror.isUnused) continue;
      this.#mirrors.delete(mirror.router);
      mirror.close();
    }
    if (this.sessions.size === 0) this.roster.expire(nowMs);
    this.tellChanges();
  }

  /** The meeting is not on this router any more; whom it carried is awaited elsewhere. */
  lose(router: RouterId): void {
    const mirror = this.#mirrors.get(router);
    this.#mirrors.delete(router);
    if (mirror?.state.isKnown) this.#watcher.stateLost(mirror.state.state);
    mirror?.close();
    this.roster.lose(router, this.#watcher.now() + KEPT_MS);
    this.tellChanges();
  }

  /** Away, on his way to another place. */
  keep(participant: ParticipantId): void {
    this.roster.keep(participant, this.#watcher.now() + KEPT_MS);
    this.tellChanges();
  }

  /** People of whom others knew a moment ago. */
  expect(people: readonly Carried[]): void {
    for (const carried of people) this.roster.expect(carried, this.#watcher.now() + KEPT_MS);
    this.tellChanges();
  }

  /** What a router says of its people, from the beginning. */
  resetRoster(router: RouterId, people: Parameters<MeetingRoster['reset']>[1]): void {
    this.roster.reset(router, people, this.#watcher.isAway, this.#watcher.now() + KEPT_MS);
  }

  changeRoster(router: RouterId, change: Parameters<MeetingRoster['change']>[1]): void {
    this.roster.change(router, change, this.#watcher.isAway, this.#watcher.now() + KEPT_MS);
  }

  /** To be called after changes of the roster: everybody is told, a little later. */
  tellChanges(): void {
    if (this.#isOver) return;
    const { hasDelta, hasQualityDelta, size } = this.roster;
    const rosterDelayMs = Math.min(MAX_ROSTER_DELAY_MS, Math.max(MIN_ROSTER_DELAY_MS, size));
    if (hasDelta) this.#rosterTimer ??= setTimeout(() => this.#sendRoster(), rosterDelayMs);
    if (hasQualityDelta) this.#qualityTimer ??= setTimeout(() => this.#sendQuality(), QUALITY_DELAY_MS);
    this.#awaitKept();
  }

  /** A router has told of what people may do and have done, or somebody hears of it from another one: all are told a little later. */
  stateChanged(): void {
    if (this.#isOver) return;
    this.#stateTimer ??= setTimeout(() => this.#sendState(), Math.min(MAX_STATE_DELAY_MS, this.roster.size));
  }

  broadcast(message: ServerMessage, to: Iterable<Session> = this.sessions.values()): void {
    const text = JSON.stringify(message);
    for (const { client } of to) client.sendText(text);
  }

  /** Those who are still entering are told that it was interrupted. */
  close(): void {
    this.#isOver = true;
    for (const timer of [this.#rosterTimer, this.#qualityTimer, this.#stateTimer, this.#keptTimer]) clearTimeout(timer);
    for (const mirror of this.#mirrors.values()) mirror.close();
    this.#mirrors.clear();
  }

  #sendRoster(): void {
    this.#rosterTimer = undefined;
    if (this.roster.hasDelta) this.broadcast({ type: 'roster', ...this.roster.takeDelta() });
  }

  #sendQuality(): void {
    this.#qualityTimer = undefined;
    // Whoever was in it may have left meanwhile.
    const qualities = this.roster.takeQualityDelta();
    if (qualities.length > 0) this.broadcast({ type: 'quality', qualities });
  }

  #sendState(): void {
    this.#stateTimer = undefined;
    for (const mirror of this.#mirrors.values()) {
      if (mirror.state.isKnown) tellState(this.sessionsAt(mirror), mirror.state.state);
    }
  }

  /** Whoever is awaited leaves when his time is over, unless his client is still connected here. */
  #awaitKept(): void {
    clearTimeout(this.#keptTimer);
    const nextMs = this.roster.nextTimeoutMs();
    if (nextMs === Number.POSITIVE_INFINITY) return;
    const nowMs = this.#watcher.now();
    this.#keptTimer = setTimeout(() => this.#expire(), Math.max(0, nextMs - nowMs));
  }

  #expire(): void {
    const nowMs = this.#watcher.now();
    for (const { participant, place } of this.sessions.values()) {
      if (place === undefined) this.roster.keep(participant, nowMs + KEPT_MS);
    }
    this.roster.expire(nowMs);
    this.tellChanges();
    this.#watcher.idle(this);
  }
}
