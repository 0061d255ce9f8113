/**
 * The state of a meeting as the server has told it: roles, raised hands, who waits, what was written, which rooms are
 * open. A plain value that is never changed, only replaced. What is kept has a limit, whatever the server says.
 */
import { DEFAULT_SETTINGS, type MeetingSettings } from '../../proto/meeting-settings.ts';
import type {
  ChatEntry,
  MeetingChange,
  MeetingEntry,
  PersonEntry,
  RoomEntry,
  WaitingEntry,
} from '../../proto/signalling.ts';

export interface MeetingRecord {
  /** In a breakout room: the meeting that it is part of. */
  readonly main: string | undefined;
  readonly settings: MeetingSettings;
  /** By participant: of whom there is more to say than the roster does. */
  readonly people: ReadonlyMap<string, PersonEntry>;
  /** By participant, in the order of arrival; for hosts. */
  readonly waiting: ReadonlyMap<string, WaitingEntry>;
  /** Participants. */
  readonly spotlight: readonly string[];
  /** The oldest message first. */
  readonly chat: readonly ChatEntry[];
  readonly rooms: readonly RoomEntry[];
}

export const NO_RECORD: MeetingRecord = {
  main: undefined,
  settings: DEFAULT_SETTINGS,
  people: new Map(),
  waiting: new Map(),
  spotlight: [],
  chat: [],
  rooms: [],
};

/** More than routers keep of each (docs/meeting-state.md); of the chat, enough for a long meeting. */
const MOST = { people: 4_000, waiting: 1_000, spotlight: 16, chat: 500, rooms: 64 } as const;

/** All of it, said anew. Messages that the server has forgotten since are remembered. */
export function recordOf(entry: MeetingEntry, before: MeetingRecord): MeetingRecord {
  const told = new Set(entry.chat.map(({ id }) => id));
  return {
    main: entry.main,
    settings: entry.settings,
    people: bounded(new Map(entry.people.map((person) => [person.participant, person])), MOST.people),
    waiting: bounded(new Map(entry.waiting.map((each) => [each.participant, each])), MOST.waiting),
    spotlight: entry.spotlight.slice(0, MOST.spotlight),
    chat: [...before.chat.filter(({ id }) => !told.has(id)), ...entry.chat].slice(-MOST.chat),
    rooms: entry.rooms.slice(0, MOST.rooms),
  };
}

/** In the order in which it happened. */
export function applyChanges(record: MeetingRecord, changes: readonly MeetingChange[]): MeetingRecord {
  let next = record;
  for (const change of changes) next = { ...next, ...applied(next, change) };
  return next;
}

function applied(record: MeetingRecord, change: MeetingChange): Partial<MeetingRecord> {
  switch (change.type) {
    case 'settings':
      return { settings: change.settings };
    case 'person':
      return { people: bounded(new Map(record.people).set(change.person.participant, change.person), MOST.people) };
    case 'plain':
      return { people: without(record.people, change.participants) };
    case 'waiting':
      return { waiting: bounded(new Map(record.waiting).set(change.entry.participant, change.entry), MOST.waiting) };
    case 'notWaiting':
      return { waiting: without(record.waiting, change.participants) };
    case 'spotlight':
      return { spotlight: change.spotlight.slice(0, MOST.spotlight) };
    case 'chat': {
      const isKnown = record.chat.some(({ id }) => id === change.message.id);
      return isKnown ? {} : { chat: [...record.chat, change.message].slice(-MOST.chat) };
    }
    case 'rooms':
      return { rooms: change.rooms.slice(0, MOST.rooms) };
    default:
      // Of a newer server.
      return {};
  }
}

function without<Entry>(map: ReadonlyMap<string, Entry>, keys: readonly string[]): ReadonlyMap<string, Entry> {
  const next = new Map(map);
  for (const key of keys) next.delete(key);
  return next;
}

/** The oldest make room. */
function bounded<Entry>(map: Map<string, Entry>, most: number): ReadonlyMap<string, Entry> {
  for (const key of map.keys()) {
    if (map.size <= most) break;
    map.delete(key);
  }
  return map;
}
