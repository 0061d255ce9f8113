/**
 * A meeting's state as clients are told it (`MeetingEntry`, `MeetingChange`). Of most people there is nothing to say: they
 * are not listed, so that a thousand of them cost nothing. Who may see what is in mmr/control/state/private-view.ts. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ParticipantId } from '../../common/ids.ts';
import { type ChatMessage, isHost, type MeetingState, type Person } from '../../mmr/control/state/meeting-state.ts';
import { chatView, maySee, personView, roomViews } from '../../mmr/control/state/private-view.ts';
import type {
  ChatEntry,
  MeetingChange,
  MeetingEntry,
  PersonEntry,
  RoomEntry,
  WaitingEntry,
} from '../../proto/signalling.ts';

/** Those of one kind see the same, but for what is private. 'outside': not in the meeting, as far as the state knows. */
export type ViewerKind = 'host' | 'participant' | 'outside';

/** What a client needs to hear to come from one state to the next one. */
export interface Difference {
  readonly before: MeetingState;
  readonly after: MeetingState;
  /** Of whom there is something else to say than before. */
  readonly people: readonly ParticipantId[];
  /** Who waits, or does no more. */
  readonly waiting: readonly ParticipantId[];
  /** What was written; 'all': more has changed than that. */
  readonly chat: readonly ChatMessage[] | 'all';
}

export function kindOf({ people }: MeetingState, viewer: ParticipantId): ViewerKind {
  const person = people.get(viewer);
  if (person === undefined) return 'outside';
  return isHost(person) ? 'host' : 'participant';
}

/** All that he may see. */
export function entryFor(state: MeetingState, viewer: ParticipantId): MeetingEntry {
  const { main, settings } = state;
  const kind = kindOf(state, viewer);
  const common = { ...(main === undefined ? {} : { main }), settings };
  if (kind === 'outside') return { ...common, people: [], waiting: [], spotlight: [], chat: [], rooms: [] };
  return {
    ...common,
    people: [...state.people.keys()].flatMap((participant) => personEntry(state, participant, kind, viewer) ?? []),
    waiting: kind === 'host' ? [...state.waiting.keys()].flatMap((each) => waitingEntry(state, each) ?? []) : [],
    spotlight: [...state.spotlight],
    chat: state.chat.filter((message) => maySee(message, viewer)).map(chatEntry),
    rooms: roomEntries(state, kind, viewer),
  };
}

export function differenceOf(before: MeetingState, after: MeetingState): Difference {
  return {
    before,
    after,
    people: changedPeople(before, after),
    waiting: changedKeys(before.waiting, after.waiting),
    chat: written(before, after),
  };
}

/** What he may see is another thing now: he is told all of it. */
export function isWhole({ before, after, chat }: Difference, viewer: ParticipantId): boolean {
  return chat === 'all' || before.main !== after.main || kindOf(before, viewer) !== kindOf(after, viewer);
}

/** What he is told, when that is not all. */
export function changesFor(difference: Difference, viewer: ParticipantId): MeetingChange[] {
  const { before, after, chat } = difference;
  const kind = kindOf(after, viewer);
  const changes: MeetingChange[] = [];
  if (!isDeepStrictEqual(before.settings, after.settings)) changes.push({ type: 'settings', settings: after.settings });
  if (kind === 'outside') return changes;
  changes.push(...personChanges(difference, kind, viewer));
  if (kind === 'host') changes.push(...waitingChanges(difference));
  if (!isDeepStrictEqual(before.spotlight, after.spotlight))
    changes.push({ type: 'spotlight', spotlight: [...after.spotlight] });
  const rooms = before.rooms === after.rooms ? undefined : roomEntries(after, kind, viewer);
  if (rooms !== undefined && !isDeepStrictEqual(rooms, roomEntries(before, kind, viewer)))
    changes.push({ type: 'rooms', rooms });
  for (const message of chat === 'all' ? [] : chat)
    if (maySee(message, viewer)) changes.push({ type: 'chat', message: chatEntry(message) });
  return changes;
}

/** Who is told something else of the state than others of his kind. */
export function privyTo({ people, chat, rooms }: MeetingState): Set<string> {
  const privy = new Set<string>(rooms.flatMap(({ assigned }) => assigned));
  for (const [participant, person] of people) if (hasOwn(person)) privy.add(participant);
  for (const message of chat) addWriters(privy, message);
  return privy;
}

/** Who is told something else of the difference than others of his kind. */
export function privyToChange({ before, after, people, chat }: Difference): Set<string> {
  const privy = new Set<string>();
  if (before.rooms !== after.rooms) {
    for (const { assigned } of [...before.rooms, ...after.rooms]) for (const each of assigned) privy.add(each);
  }
  for (const participant of people) {
    if (hasOwn(before.people.get(participant)) || hasOwn(after.people.get(participant))) privy.add(participant);
  }
  for (const message of chat === 'all' ? [] : chat) addWriters(privy, message);
  return privy;
}

/** There is something that he himself and hosts know of him. */
function hasOwn(person: Person | undefined): boolean {
  return person?.mayUnmute !== undefined || person?.videoStopped !== undefined;
}

function addWriters(privy: Set<string>, { from, to }: ChatMessage): void {
  if (to !== undefined) privy.add(from).add(to);
}

/** undefined: nothing that the roster does not say. */
function personEntry(
  state: MeetingState,
  participant: ParticipantId,
  kind: ViewerKind,
  viewer: ParticipantId,
): PersonEntry | undefined {
  const person = state.people.get(participant);
  if (person === undefined) return undefined;
  const { role, hand, mayUnmute, videoStopped, room, name } = personView(participant, person, kind === 'host', viewer);
  const more = defined({ hand, mayUnmute, videoStopped, room });
  if (role === 'participant' && Object.keys(more).length === 0) return undefined;
  return { participant, name, role, ...more };
}

function personChanges(
  { before, after, people }: Difference,
  kind: ViewerKind,
  viewer: ParticipantId,
): MeetingChange[] {
  const changes: MeetingChange[] = [];
  const participants: string[] = [];
  for (const participant of people) {
    const was = personEntry(before, participant, kind, viewer);
    const person = personEntry(after, participant, kind, viewer);
    if (person === undefined && was !== undefined) participants.push(participant);
    else if (person !== undefined && !isDeepStrictEqual(person, was)) changes.push({ type: 'person', person });
  }
  return participants.length === 0 ? changes : [...changes, { type: 'plain', participants }];
}

function waitingEntry({ waiting }: MeetingState, participant: ParticipantId): WaitingEntry | undefined {
  const entry = waiting.get(participant);
  return entry && { participant, name: entry.name, sinceMs: entry.sinceMs };
}

function waitingChanges({ before, after, waiting }: Difference): MeetingChange[] {
  const changes: MeetingChange[] = [];
  const participants: string[] = [];
  for (const participant of waiting) {
    const entry = waitingEntry(after, participant);
    if (entry === undefined) participants.push(participant);
    else if (!isDeepStrictEqual(entry, waitingEntry(before, participant))) changes.push({ type: 'waiting', entry });
  }
  return participants.length === 0 ? changes : [{ type: 'notWaiting', participants }, ...changes];
}

function roomEntries(state: MeetingState, kind: ViewerKind, viewer: ParticipantId): RoomEntry[] {
  return roomViews(state, kind === 'host', viewer).map(({ room, name, assigned }) => ({
    room,
    name,
    assigned: [...assigned],
  }));
}

function chatEntry(message: ChatMessage): ChatEntry {
  const { to, toName, ...common } = chatView(message);
  return { ...common, ...defined({ to, toName }) };
}

/** Those who have come, gone or changed, of whom there is or was anything to say. */
function changedPeople(before: MeetingState, after: MeetingState): ParticipantId[] {
  return changedKeys(before.people, after.people).filter((participant) => {
    const [was, is] = [before.people.get(participant), after.people.get(participant)].map((each) =>
      each && isTold(each) ? told(each) : undefined,
    );
    return !isDeepStrictEqual(was, is);
  });
}

function isTold(person: Person): boolean {
  return person.role !== 'participant' || person.hand !== undefined || person.room !== undefined || hasOwn(person);
}

/** All that anybody is told of him. */
function told({ name, role, hand, mayUnmute, videoStopped, room }: Person) {
  return { name, role, hand, mayUnmute, videoStopped, room };
}

function changedKeys<Id, Entry>(before: ReadonlyMap<Id, Entry>, after: ReadonlyMap<Id, Entry>): Id[] {
  if (before === after) return [];
  const gone = [...before.keys()].filter((id) => !after.has(id));
  return [...gone, ...[...after].flatMap(([id, entry]) => (before.get(id) === entry ? [] : [id]))];
}

/** The messages behind those of before, of which the oldest may have made room. */
function written({ chat: before }: MeetingState, { chat: after }: MeetingState): readonly ChatMessage[] | 'all' {
  const last = before.at(-1);
  if (before === after) return [];
  if (last === undefined) return after;
  const end = after.findIndex(({ id }) => id === last.id) + 1;
  const kept = before.slice(before.length - end);
  const isSame = end > 0 && end <= before.length && kept.every(({ id }, index) => id === after[index]?.id);
  return isSame ? after.slice(end) : 'all';
}

type Defined<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

/** Without those that are undefined. */
function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Fields>; // the same, but for what is not there
}
