/** A meeting that is running: its state, its sessions, and what they are told. Owns the meeting's timers. */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import type { Placed } from '../placement/placements.ts';
import { type MeetingEvent, MeetingState } from './meeting-state.ts';
import type { Session } from './session.ts';

/** Roster changes are collected for this long, and longer in large meetings: every change goes to everybody. */
const MIN_ROSTER_DELAY_MS = 50;
const MAX_ROSTER_DELAY_MS = 1_000;
/** Nobody waits for a quality bar; a router reports every 2 s. */
const QUALITY_DELAY_MS = 500;

export interface LiveMeetingOptions {
  readonly emptyMs: number;
  /** Nobody has been in the meeting for `emptyMs`. */
  readonly onEmpty: (meeting: LiveMeeting) => void;
}

export class LiveMeeting {
  readonly id: MeetingId;
  readonly state = new MeetingState();
  readonly sessions = new Map<ParticipantId, Session>();
  /** Where the meeting is; undefined between two placements. */
  placed: Placed | undefined;
  readonly #options: LiveMeetingOptions;
  #rosterTimer: NodeJS.Timeout | undefined;
  #qualityTimer: NodeJS.Timeout | undefined;
  #emptyTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(id: MeetingId, options: LiveMeetingOptions) {
    this.id = id;
    this.#options = options;
    this.#watchEmptiness();
  }

  /** Applies, and has everybody told of what changed on the roster and in the connections. */
  apply(event: MeetingEvent): void {
    this.state.apply(event);
    this.#watchEmptiness();
    if (this.#closed) return;
    if (this.state.hasDelta) this.#rosterTimer ??= setTimeout(() => this.#sendRoster(), this.#rosterDelayMs());
    if (this.state.hasQualityDelta) this.#qualityTimer ??= setTimeout(() => this.#sendQuality(), QUALITY_DELAY_MS);
  }

  broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const session of this.sessions.values()) session.client?.sendText(text);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#rosterTimer);
    clearTimeout(this.#qualityTimer);
    clearTimeout(this.#emptyTimer);
    this.#emptyTimer = undefined;
  }

  #rosterDelayMs(): number {
    return Math.min(MAX_ROSTER_DELAY_MS, Math.max(MIN_ROSTER_DELAY_MS, this.state.size));
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

  #watchEmptiness(): void {
    if (this.#closed) return;
    if (this.state.size > 0) {
      clearTimeout(this.#emptyTimer);
      this.#emptyTimer = undefined;
    } else {
      this.#emptyTimer ??= setTimeout(() => this.#options.onEmpty(this), this.#options.emptyMs);
    }
  }
}
