/**
 * Those who were let in with sound only, because there was no room for more, get the rest when there is: their clients
 * are asked to move, where the other connection may well be to the same place.
 */
import type { ParticipantId } from '../../common/ids.ts';
import type { Placements, Unseen } from '../placement/placements.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Moves } from './moves.ts';
import type { Session } from './session.ts';

const LOOK_MS = 2_000;
/** So many at a time, so that reports show what they cost before the next are asked. */
const AT_ONCE = 10;
/** A move interrupts the sound for a moment: nobody is asked more often, whatever comes of it. */
const PAUSE_MS = 30_000;

export interface UpgradesOptions {
  readonly meetings: LiveMeetings;
  readonly placements: Placements;
  readonly moves: Moves;
  /** Between two looks, milliseconds. */
  readonly lookMs?: number;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export class Upgrades {
  readonly #options: UpgradesOptions;
  /** When they were asked last. */
  readonly #asked = new WeakMap<Session, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UpgradesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), this.#options.lookMs ?? LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Asks those for whom there is room now. */
  look(): void {
    const { meetings, placements, moves, now } = this.#options;
    const nowMs = now();
    for (const { meeting, who } of placements.upgradable(this.#candidates(nowMs), AT_ONCE)) {
      // The cast: it is that of a session, see below.
      const session = meetings.get(meeting)?.sessions.get(who as ParticipantId);
      if (session === undefined) continue;
      this.#asked.set(session, nowMs);
      moves.displace(session, 'upgrade', false);
    }
  }

  *#candidates(nowMs: number): Generator<Unseen> {
    for (const meeting of this.#options.meetings.all) {
      for (const session of meeting.sessions.values()) {
        const isBusy = session.displaced !== undefined || session.isMoving || session.lingering !== undefined;
        if (!session.isAudioOnly || isBusy) continue;
        const askedMs = this.#asked.get(session) ?? Number.NEGATIVE_INFINITY;
        if (nowMs - askedMs >= PAUSE_MS) yield { meeting: meeting.id, who: session.participant };
      }
    }
  }
}
