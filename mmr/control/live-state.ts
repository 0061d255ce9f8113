/**
 * The state of one meeting, as this router has told it to controllers, and whom it concerns: those that are somebody's home
 * in the meeting, or of somebody who waits. What a state is, docs/meeting-state.md says.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { Guests } from './guests.ts';
import type { EventSink } from './live-meeting.ts';
import type { Home } from './roster.ts';
import type { Change } from './state/changes.ts';
import type { MeetingState } from './state/meeting-state.ts';
import type { Notice } from './state/notices.ts';
import { writeChanged, writeState } from './state/state-wire.ts';

export class LiveState {
  readonly guests = new Guests();
  readonly #meeting: MeetingId;
  readonly #sink: EventSink;
  readonly #homes: () => Iterable<string>;
  #state: MeetingState | undefined;

  /** `homes`: of those who have entered, at this moment. */
  constructor(meeting: MeetingId, sink: EventSink, homes: () => Iterable<string>) {
    this.#meeting = meeting;
    this.#sink = sink;
    this.#homes = homes;
  }

  /** For snapshots; empty while there is none. */
  get json(): string {
    return this.#state === undefined ? '' : writeState(this.#state);
  }

  /** Somebody is part of the meeting: in it, or in a room. */
  get hasPeople(): boolean {
    return this.#state !== undefined && this.#state.people.size > 0;
  }

  /** It is another one than before. */
  set(state: MeetingState, notices: readonly Notice[]): void {
    this.#state = state;
    const whole = this.json;
    for (const controller of this.#controllers) this.#sendWhole(controller, whole);
    if (notices.length > 0) this.#publish(state, [], notices);
  }

  change(after: MeetingState, changes: readonly Change[], notices: readonly Notice[]): void {
    this.#state = after;
    this.#publish(after, changes, notices);
  }

  /** He waits from now on: his home is told of the state, if it was not before. */
  wait(participant: ParticipantId): void {
    const guest = this.guests.get(participant);
    if (guest === undefined) return;
    const { controller } = guest.home;
    const wasTold = this.#controllers.has(controller);
    this.guests.wait(guest);
    if (!wasTold) this.#sendWhole(controller);
  }

  /** His waiting is over, by a decision in the meeting. */
  endWaiting(participant: ParticipantId, { controller }: Home, admitted: boolean): void {
    this.#sink.send(controller, { waitingEnded: { meeting: this.#meeting, participant, admitted } });
  }

  /** Those who wait do so no more, and it was not decided about them. */
  sendGuestsAway(reason: 'meetingClosed' | 'meetingEnded'): ParticipantId[] {
    const guests = [...this.guests.all];
    for (const [participant, { home, isWaiting }] of guests) {
      if (isWaiting) this.#sink.send(home.controller, { left: { meeting: this.#meeting, participant, reason } });
    }
    this.guests.clear();
    return guests.map(([participant]) => participant);
  }

  /** To one controller alone. */
  tell(controller: string, notices: readonly Notice[]): void {
    if (this.#state === undefined || notices.length === 0) return;
    const changed = writeChanged({ ...this.#state, changes: [], notices });
    this.#sink.send(controller, { state: { meeting: this.#meeting, changed } });
  }

  /** The controller listens, and is told no snapshot. */
  subscribe(controller: string): void {
    if (this.guests.controllers.has(controller)) this.#sendWhole(controller);
  }

  get #controllers(): Set<string> {
    return this.guests.controllers.union(new Set(this.#homes()));
  }

  #publish({ term, version }: MeetingState, changes: readonly Change[], notices: readonly Notice[]): void {
    const changed = writeChanged({ term, version, changes, notices });
    for (const controller of this.#controllers) {
      this.#sink.send(controller, { state: { meeting: this.#meeting, changed } });
    }
  }

  #sendWhole(controller: string, whole = this.json): void {
    if (whole !== '') this.#sink.send(controller, { state: { meeting: this.#meeting, whole } });
  }
}
