/**
 * What routers last said of meetings, kept for a moment when they are lost. If no router of a meeting is left, the next one
 * goes on from there, and not from what was planned once: a meeting that a host has locked stays locked.
 */
import type { MeetingId } from '../../common/ids.ts';
import { type MeetingStart, type MeetingState, startAgain } from '../../mmr/control/state/meeting-state.ts';

/** For clients to come by another router. What nobody has come back to by then begins anew. */
const KEPT_MS = 60_000;

interface Last {
  readonly start: MeetingStart;
  readonly expiresMs: number;
}

export class LastStates {
  readonly #now: () => number;
  /** The oldest first. */
  readonly #last = new Map<MeetingId, Last>();

  /** `now`: monotonic, milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A router that said so is lost. */
  keep(meeting: MeetingId, state: MeetingState): void {
    this.#expire();
    const known = this.#last.get(meeting)?.start.before?.version ?? -1;
    if (state.ended || state.version < known) return;
    this.#last.delete(meeting);
    this.#last.set(meeting, { start: startAgain(state), expiresMs: this.#now() + KEPT_MS });
  }

  /** With what the meeting is to begin if no router knows it; `planned`: if nothing is known here either. */
  startOf(meeting: MeetingId, planned: MeetingStart): MeetingStart {
    this.#expire();
    return this.#last.get(meeting)?.start ?? planned;
  }

  #expire(): void {
    const nowMs = this.#now();
    for (const [meeting, { expiresMs }] of this.#last) {
      if (expiresMs > nowMs) return;
      this.#last.delete(meeting);
    }
  }
}
