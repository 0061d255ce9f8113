/**
 * A meeting with people whose clients are connected to this controller: the mirror of what its router says, their
 * sessions, and what they are told. Owns the meeting's timers.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import type { Placed } from '../placement/placements.ts';
import { MeetingState } from './meeting-state.ts';
import type { Session } from './session.ts';

/** Roster changes are collected for this long, and longer in large meetings: every change goes to everybody. */
const MIN_ROSTER_DELAY_MS = 50;
const MAX_ROSTER_DELAY_MS = 1_000;
/** Nobody waits for a quality bar; a router reports every 2 s. */
const QUALITY_DELAY_MS = 500;
/** For the router's event stream to tell what the router has answered already. */
const HOMED_MS = 5_000;
const RETRY_MS = 1_000;

/** Somebody whom the router is asked to let in or to hand over. */
type Awaited = PromiseWithResolvers<void>;

export class LiveMeeting {
  readonly id: MeetingId;
  readonly placed: Placed;
  readonly state = new MeetingState();
  readonly sessions = new Map<ParticipantId, Session>();
  readonly #awaited = new Map<ParticipantId, Set<Awaited>>();
  #rosterTimer: NodeJS.Timeout | undefined;
  #qualityTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(id: MeetingId, placed: Placed) {
    this.id = id;
    this.placed = placed;
  }

  /** The router has lost it, or this controller has nobody in it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nobody of it is with this controller, or about to be. */
  get isUnused(): boolean {
    return this.sessions.size === 0 && this.#awaited.size === 0 && this.state.homed.size === 0;
  }

  /**
   * Runs `ask`, by which the router lets a participant in or hands him over, and resolves with its answer when the
   * router's events have told all about him. When they do not, or there is no answer, `undo` is run: it may have happened.
   * Throws ZonecastError: that of `ask`, `meetingLost` or `noRouter`.
   */
  async entering<Answer>(participant: ParticipantId, ask: () => Promise<Answer>, undo: () => void): Promise<Answer> {
    const awaited: Awaited = Promise.withResolvers();
    // It may fail while `ask` is still under way, when nobody listens to it yet.
    awaited.promise.catch(() => undefined);
    const all = this.#awaited.get(participant) ?? new Set();
    this.#awaited.set(participant, all.add(awaited));
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await ask();
      timer = setTimeout(() => awaited.reject(unanswered()), HOMED_MS);
      await awaited.promise;
      return answer;
    } catch (error) {
      const isRefusal = error instanceof ZonecastError && error.code !== 'noRouter' && error.code !== 'meetingLost';
      if (!isRefusal) undo();
      throw error;
    } finally {
      clearTimeout(timer);
      all.delete(awaited);
      if (all.size === 0) this.#awaited.delete(participant);
    }
  }

  /** Whether the router is being asked about him. */
  isEntering(participant: ParticipantId): boolean {
    return this.#awaited.has(participant);
  }

  /** The router's events have told that this controller is their home. */
  homed(participants: Iterable<ParticipantId>): void {
    for (const participant of participants) {
      for (const awaited of this.#awaited.get(participant) ?? []) awaited.resolve();
    }
  }

  /** He is out before he was quite in. */
  refuse(participant: ParticipantId): void {
    for (const awaited of this.#awaited.get(participant) ?? []) awaited.reject(interrupted());
  }

  /** To be called after changes of the state: everybody is told, a little later. */
  tellChanges(): void {
    if (this.#isOver) return;
    const { hasDelta, hasQualityDelta, size } = this.state;
    const rosterDelayMs = Math.min(MAX_ROSTER_DELAY_MS, Math.max(MIN_ROSTER_DELAY_MS, size));
    if (hasDelta) this.#rosterTimer ??= setTimeout(() => this.#sendRoster(), rosterDelayMs);
    if (hasQualityDelta) this.#qualityTimer ??= setTimeout(() => this.#sendQuality(), QUALITY_DELAY_MS);
  }

  broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const { client } of this.sessions.values()) client.sendText(text);
  }

  /** Those who are still entering are told that it was interrupted. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#rosterTimer);
    clearTimeout(this.#qualityTimer);
    for (const participant of this.#awaited.keys()) this.refuse(participant);
  }

  #sendRoster(): void {
    this.#rosterTimer = undefined;
    if (this.state.hasDelta) this.broadcast({ type: 'roster', ...this.state.takeDelta() });
  }

  #sendQuality(): void {
    this.#qualityTimer = undefined;
    // Whoever was in it may have left meanwhile.
    const qualities = this.state.takeQualityDelta();
    if (qualities.length > 0) this.broadcast({ type: 'quality', qualities });
  }
}

function unanswered(): ZonecastError {
  const message = 'The server that carries this meeting does not answer.';
  return new ZonecastError('noRouter', message, { retryAfterMs: RETRY_MS });
}

export function interrupted(): ZonecastError {
  return new ZonecastError('meetingLost', 'The meeting was interrupted. Join again.', { retryAfterMs: RETRY_MS });
}
