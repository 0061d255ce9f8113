/** A state with all that another router needs to go on from it, as it goes over the wire. */
import type { ParticipantId } from '../../../common/ids.ts';
import { bounded } from './chat-history.ts';
import {
  MAX_CHAT_MESSAGES,
  MAX_PEOPLE,
  MAX_REMEMBERED_ACTS,
  MAX_REMOVED,
  MAX_ROOMS,
  MAX_SPOTLIGHTED,
  MAX_TERMS,
  MAX_WAITING,
} from './limits.ts';
import type { Lineage } from './lineage.ts';
import type { MeetingState, Person, WaitingPerson } from './meeting-state.ts';
import { boolean, count, id, idList, list, object } from './read-fields.ts';
import { chatMessage, person, room, settings, waitingPerson } from './read-parts.ts';

export interface WholeState extends Omit<MeetingState, 'people' | 'waiting'> {
  readonly people: readonly { readonly participant: ParticipantId; readonly person: Person }[];
  readonly waiting: readonly { readonly participant: ParticipantId; readonly entry: WaitingPerson }[];
  readonly lineage: Lineage;
  /** Ids of acts that have been done, oldest first. */
  readonly remembered: readonly string[];
}

export function toWhole(state: MeetingState, lineage: Lineage, remembered: Iterable<string>): WholeState {
  return {
    ...state,
    people: Array.from(state.people, ([participant, person]) => ({ participant, person })),
    waiting: Array.from(state.waiting, ([participant, entry]) => ({ participant, entry })),
    lineage,
    remembered: [...remembered],
  };
}

export function fromWhole({ lineage: _, remembered: __, people, waiting, ...rest }: WholeState): MeetingState {
  return {
    ...rest,
    people: new Map(people.map(({ participant, person }) => [participant, person])),
    waiting: new Map(waiting.map(({ participant, entry }) => [participant, entry])),
    chat: bounded(rest.chat),
  };
}

/** What no change may lead beyond, whoever tells it. The other bounds hold by themselves. */
export function isWithinBounds({ people, waiting, rooms }: MeetingState): boolean {
  if (people.size > MAX_PEOPLE || waiting.size > MAX_WAITING) return false;
  return rooms.reduce((sum, { assigned }) => sum + assigned.length, 0) <= MAX_PEOPLE;
}

const whole = object({
  term: id,
  version: count,
  'main?': id,
  settings,
  people: list(MAX_PEOPLE, object({ participant: id, person })),
  waiting: list(MAX_WAITING, object({ participant: id, entry: waitingPerson })),
  spotlight: idList(MAX_SPOTLIGHTED),
  chat: list(MAX_CHAT_MESSAGES, chatMessage),
  rooms: list(MAX_ROOMS, room),
  removed: idList(MAX_REMOVED),
  ended: boolean,
  lineage: list(MAX_TERMS, object({ term: id, from: count })),
  remembered: idList(MAX_REMEMBERED_ACTS),
});

/** Undefined: not as it should be. */
export function readWhole(value: unknown): WholeState | undefined {
  const read = whole(value) as WholeState | undefined; // as read, field by field
  return read !== undefined && isWithinBounds(fromWhole(read)) ? read : undefined;
}
