/** What comes out of an act. */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { Actor } from './acts.ts';
import type { Change } from './changes.ts';
import type { MeetingState, Person, Stamp } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { REFUSALS, type Refusal } from './refusal.ts';

export interface ActContext {
  /** Of the act. */
  readonly id: string;
  readonly actor: Actor;
  /** Unix time. */
  readonly unixMs: number;
  /** That the state will have with the changes. */
  readonly stamp: Stamp;
}

/** `refusal`: nothing is changed. Neither changes nor notices: it was that way already. */
export type Decision =
  | { readonly changes: readonly Change[]; readonly notices: readonly Notice[] }
  | { readonly refusal: Refusal };

export const NOTHING: Decision = { changes: [], notices: [] };

export function decided(changes: readonly Change[], notices: readonly Notice[] = []): Decision {
  return { changes, notices };
}

export function refused(refusal: Refusal): Decision {
  return { refusal };
}

export function notPossible(message: string): Decision {
  return { refusal: { code: 'notPossible', message } };
}

/** What a handler does with somebody who has to be there. */
export function withPerson(
  state: MeetingState,
  participant: ParticipantId,
  decide: (person: Person) => Decision,
): Decision {
  const person = state.people.get(participant);
  return person === undefined ? refused(REFUSALS.targetGone) : decide(person);
}

/** A change of somebody who is there; none, when he is that way already. */
export function changed(participant: ParticipantId, person: Person, change: Partial<Person>): Change[] {
  const isSame = Object.entries(change).every(([key, value]) => person[key as keyof Person] === value);
  return isSame ? [] : [{ type: 'person', participant, person: { ...person, ...change } }];
}

/** Those whom the state names as being in a room that is open no more, or in none: they are on their way back. */
export function isRoomOpen(state: MeetingState, room: MeetingId): boolean {
  return state.rooms.some((each) => each.room === room);
}
