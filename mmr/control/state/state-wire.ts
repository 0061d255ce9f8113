/**
 * A meeting's state as routers tell it to controllers, which keep a copy of it: all of it as `writeState`, then what happens
 * to it as `writeChanged`. As JSON; what comes is checked field by field. Without what only routers need to go on from it.
 */
import type { ParticipantId } from '../../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../../proto/meeting-settings.ts';
import { applyChanges, type Change } from './changes.ts';
import {
  MAX_CHAT_MESSAGES,
  MAX_PEOPLE,
  MAX_REMOVED,
  MAX_ROOMS,
  MAX_SPOTLIGHTED,
  MAX_STEP_CHANGES,
  MAX_WAITING,
} from './limits.ts';
import type { MeetingStart, MeetingState, Person, Stamp, WaitingPerson } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { readChange, readNotice } from './read-change.ts';
import { boolean, count, id, idList, list, object } from './read-fields.ts';
import { chatMessage, person, room, settings, start, waitingPerson } from './read-parts.ts';

/** What has happened to the state: it has the stamp with the changes. Without changes the stamp is that of before. */
export interface Changed extends Stamp {
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
}

/** The state without its maps, which JSON has not. */
export interface ListedState extends Omit<MeetingState, 'people' | 'waiting'> {
  readonly people: readonly { readonly participant: ParticipantId; readonly person: Person }[];
  readonly waiting: readonly { readonly participant: ParticipantId; readonly entry: WaitingPerson }[];
}

/** Of `ListedState`. */
export const LISTED_STATE = {
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
};

const listedState = object(LISTED_STATE);
const changed = object({
  term: id,
  version: count,
  changes: list(MAX_STEP_CHANGES, readChange),
  notices: list(MAX_STEP_CHANGES, readNotice),
});

export function toListed(state: MeetingState): ListedState {
  return {
    ...state,
    people: Array.from(state.people, ([participant, person]) => ({ participant, person })),
    waiting: Array.from(state.waiting, ([participant, entry]) => ({ participant, entry })),
  };
}

export function fromListed({ people, waiting, ...rest }: ListedState): MeetingState {
  return {
    ...rest,
    people: new Map(people.map(({ participant, person }) => [participant, person])),
    waiting: new Map(waiting.map(({ participant, entry }) => [participant, entry])),
  };
}

export function writeState(state: MeetingState): string {
  return JSON.stringify(toListed(state));
}

/** Undefined: not as it should be. */
export function readState(json: string): MeetingState | undefined {
  const read = listedState(parse(json)) as ListedState | undefined; // as read, field by field
  return read && fromListed(read);
}

export function writeChanged({ term, version, changes, notices }: Changed): string {
  return JSON.stringify({ term, version, changes, notices });
}

/** Undefined: not as it should be. */
export function readChanged(json: string): Changed | undefined {
  return changed(parse(json)) as Changed | undefined; // as read, field by field
}

/** The state afterwards; undefined when something is missing between the two: all of it is needed anew. */
export function withChanged(state: MeetingState, next: Changed): MeetingState | undefined {
  if (next.changes.length === 0 && next.notices.length > 0 && next.version === state.version) return state;
  return next.version === state.version + 1 ? applyChanges(state, next.changes, next) : undefined;
}

export function writeStart({ settings, main, before }: MeetingStart): string {
  return JSON.stringify({ settings, main, before });
}

/** A setting that is not said is as by default. Undefined: not as it should be. */
export function readStart(json: string): MeetingStart | undefined {
  const value = parse(json) as { settings?: object } | null | undefined; // looked at right here
  if (typeof value !== 'object' || value === null) return undefined;
  return start({ ...value, settings: { ...DEFAULT_SETTINGS, ...value.settings } }) as MeetingStart | undefined; // as read, field by field
}

/** Of any JSON; undefined when it is none. */
export function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
