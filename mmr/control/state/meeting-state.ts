/**
 * What people may do in a meeting and have done: settings, roles, raised hands, waiting room, chat, rooms. Each router of
 * the meeting has a copy; the one at the root of its tree decides. A plain value that is never changed, only replaced.
 */
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import type { MeetingSettings } from '../../../proto/meeting-settings.ts';

export type Role = 'host' | 'cohost' | 'participant';

export type Settings = MeetingSettings;

/** Which change of a state is meant: versions are counted, and a term names who gave them. */
export interface Stamp {
  readonly term: string;
  readonly version: number;
}

export interface Person {
  readonly name: string;
  readonly role: Role;
  /** Version with which he came: lower for who has been here longer. */
  readonly since: number;
  /** Which serves him; undefined while he is in a room. */
  readonly router?: RouterId | undefined;
  /** The room in which he is. */
  readonly room?: MeetingId | undefined;
  /** He has left that room, and is not back. */
  readonly away?: true | undefined;
  /** Version with which he raised his hand: the first ones are lower. */
  readonly hand?: number | undefined;
  /** A host has asked him to turn on his microphone: he may. */
  readonly mayUnmute?: true | undefined;
  /** A host has turned off his camera: it stays off until he is asked. */
  readonly videoStopped?: true | undefined;
}

export interface WaitingPerson {
  readonly name: string;
  /** Unix time. */
  readonly sinceMs: number;
  /** Process of the controller that his client is connected to. */
  readonly controller: string;
  /** By which that controller has asked. */
  readonly router: RouterId;
}

export interface ChatMessage {
  /** Of the act that said it. */
  readonly id: string;
  readonly from: ParticipantId;
  readonly fromName: string;
  /** Whom alone it is for; undefined: everybody. */
  readonly to?: ParticipantId | undefined;
  readonly toName?: string | undefined;
  readonly text: string;
  /** Unix time. */
  readonly sentMs: number;
  /** With which it came into this history. */
  readonly stamp: Stamp;
}

/** A meeting beside this one, for some of its people. */
export interface Room {
  readonly room: MeetingId;
  readonly name: string;
  readonly assigned: readonly ParticipantId[];
}

export interface MeetingState extends Stamp {
  /** The meeting that this one is a room of. */
  readonly main?: MeetingId | undefined;
  readonly settings: Settings;
  /** In the order in which they came. */
  readonly people: ReadonlyMap<ParticipantId, Person>;
  readonly waiting: ReadonlyMap<ParticipantId, WaitingPerson>;
  readonly spotlight: readonly ParticipantId[];
  readonly chat: readonly ChatMessage[];
  readonly rooms: readonly Room[];
  /** Those who were removed or refused. */
  readonly removed: readonly ParticipantId[];
  readonly ended: boolean;
}

/** As the meeting's definition says; or as it was, when all routers that knew it are lost. */
export interface MeetingStart {
  readonly settings: Settings;
  readonly main?: MeetingId | undefined;
  readonly before?: Before | undefined;
}

/** What is kept of a state that no router has any more. Those who wait ask again. */
export interface Before extends Pick<MeetingState, 'version' | 'spotlight' | 'chat' | 'rooms' | 'removed'> {
  /** Of whom there is more to say than that they are there. */
  readonly people: readonly { readonly participant: ParticipantId; readonly person: Person }[];
}

export function initialState({ settings, main, before }: MeetingStart, term: string): MeetingState {
  return {
    term,
    version: before?.version ?? 0,
    main,
    settings,
    people: new Map(before?.people.map(({ participant, person }) => [participant, person])),
    waiting: new Map(),
    spotlight: before?.spotlight ?? [],
    chat: before?.chat ?? [],
    rooms: before?.rooms ?? [],
    removed: before?.removed ?? [],
    ended: false,
  };
}

/** With what a meeting goes on when this is all that is left of it. Who does not come back to it has left. */
export function startAgain({ settings, main, people, version, spotlight, chat, rooms, removed }: MeetingState) {
  const named = new Set([...spotlight, ...rooms.flatMap(({ assigned }) => assigned)]);
  const kept = Array.from(people, ([participant, person]) => ({ participant, person })).filter(
    ({ participant, person: { role, room, hand, mayUnmute, videoStopped } }) =>
      role !== 'participant' || (room ?? hand ?? mayUnmute ?? videoStopped) !== undefined || named.has(participant),
  );
  const before = { version, people: kept, spotlight, chat, rooms, removed };
  return { settings, main, before } satisfies MeetingStart;
}

/** What is left of a state by `startAgain`, with somebody who was in it; undefined: nothing is left, or he was removed. */
export function remembered(start: MeetingStart, participant: ParticipantId, name: string): MeetingState | undefined {
  if (start.before === undefined || start.before.removed.includes(participant)) return undefined;
  const state = initialState(start, 'before');
  const person = state.people.get(participant) ?? { name, role: 'participant', since: 0 };
  return { ...state, people: new Map(state.people).set(participant, person) };
}

export function isHost(person: Person | undefined): boolean {
  return person !== undefined && person.role !== 'participant';
}

/** The one person with the role 'host', if he is there. */
export function hostOf(state: MeetingState): ParticipantId | undefined {
  for (const [participant, { role }] of state.people) if (role === 'host') return participant;
  return undefined;
}
