/**
 * What a participant's client may see of a meeting's state. The waiting list, who is in which room, and everybody's hands
 * are for hosts or for all; a message to one is for the two. Ids of routers and controllers are for nobody.
 */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { Change } from './changes.ts';
import { type ChatMessage, isHost, type MeetingState, type Person, type Role, type Settings } from './meeting-state.ts';

export interface PersonView {
  readonly participant: ParticipantId;
  readonly name: string;
  readonly role: Role;
  /** Lower for who raised it first. */
  readonly hand?: number | undefined;
  /** Of himself and for hosts. */
  readonly mayUnmute?: true | undefined;
  readonly videoStopped?: true | undefined;
  /** Where he is, for hosts. */
  readonly room?: MeetingId | undefined;
}

export interface WaitingView {
  readonly participant: ParticipantId;
  readonly name: string;
  /** Unix time. */
  readonly sinceMs: number;
}

export type ChatView = Omit<ChatMessage, 'stamp'>;

export interface RoomView {
  readonly room: MeetingId;
  readonly name: string;
  /** For others than hosts: himself, and the room alone to which he is assigned. */
  readonly assigned: readonly ParticipantId[];
}

/** Empty lists where there is nothing that he may see. */
export interface MeetingView {
  readonly main?: MeetingId | undefined;
  readonly settings: Settings;
  readonly people: readonly PersonView[];
  readonly waiting: readonly WaitingView[];
  readonly spotlight: readonly ParticipantId[];
  readonly chat: readonly ChatView[];
  readonly rooms: readonly RoomView[];
  readonly ended: boolean;
}

/** Each replaces what the view had. */
export type ViewChange =
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'person'; readonly person: PersonView }
  | { readonly type: 'left'; readonly participants: readonly ParticipantId[] }
  | { readonly type: 'waiting'; readonly entry: WaitingView }
  | { readonly type: 'notWaiting'; readonly participants: readonly ParticipantId[] }
  | { readonly type: 'spotlight'; readonly spotlight: readonly ParticipantId[] }
  | { readonly type: 'chat'; readonly message: ChatView }
  | { readonly type: 'rooms'; readonly rooms: readonly RoomView[] }
  | { readonly type: 'ended' };

/** For somebody who is not in the meeting: nothing but its settings. */
export function viewFor(state: MeetingState, viewer: ParticipantId): MeetingView {
  const self = state.people.get(viewer);
  const { main, settings, ended } = state;
  if (self === undefined) return { main, settings, people: [], waiting: [], spotlight: [], chat: [], rooms: [], ended };
  const hosts = isHost(self);
  return {
    main,
    settings,
    people: Array.from(state.people, ([participant, person]) => personView(participant, person, hosts, viewer)),
    waiting: hosts
      ? Array.from(state.waiting, ([participant, { name, sinceMs }]) => ({ participant, name, sinceMs }))
      : [],
    spotlight: state.spotlight,
    chat: state.chat.filter((message) => maySee(message, viewer)).map(chatView),
    rooms: roomViews(state, hosts, viewer),
    ended,
  };
}

/** What his client is told of the changes; 'whole': its view is another one now. */
export function changesFor(
  before: MeetingState,
  after: MeetingState,
  changes: readonly Change[],
  viewer: ParticipantId,
): readonly ViewChange[] | 'whole' {
  const was = before.people.get(viewer);
  const is = after.people.get(viewer);
  if (is === undefined && was === undefined) return changes.flatMap((change) => settingsOnly(change));
  if (is === undefined || was === undefined || isHost(was) !== isHost(is)) return 'whole';
  const hosts = isHost(is);
  const told = changes.flatMap((change): ViewChange[] => viewChange(change, hosts, viewer));
  if (after.spotlight !== before.spotlight) told.push({ type: 'spotlight', spotlight: after.spotlight });
  if (after.rooms === before.rooms) return told;
  const rooms = roomViews(after, hosts, viewer);
  const isSame = !hosts && JSON.stringify(rooms) === JSON.stringify(roomViews(before, hosts, viewer));
  return isSame ? told : [...told, { type: 'rooms', rooms }];
}

function viewChange(change: Change, hosts: boolean, viewer: ParticipantId): ViewChange[] {
  switch (change.type) {
    case 'person':
      return [{ type: 'person', person: personView(change.participant, change.person, hosts, viewer) }];
    case 'left':
      return [change];
    case 'waiting': {
      const { participant, entry } = change;
      const { name, sinceMs } = entry;
      return hosts ? [{ type: 'waiting', entry: { participant, name, sinceMs } }] : [];
    }
    case 'notWaiting':
      return hosts ? [change] : [];
    case 'chat':
      return maySee(change.message, viewer) ? [{ type: 'chat', message: chatView(change.message) }] : [];
    case 'settings':
    case 'ended':
      return [change];
    case 'spotlight':
    case 'rooms':
    case 'assigned':
    case 'removed':
      return [];
  }
}

function settingsOnly(change: Change): ViewChange[] {
  return change.type === 'settings' || change.type === 'ended' ? [change] : [];
}

export function personView(
  participant: ParticipantId,
  person: Person,
  hosts: boolean,
  viewer: ParticipantId,
): PersonView {
  const { name, role, hand, mayUnmute, videoStopped, room } = person;
  const common = { participant, name, role, hand };
  if (hosts) return { ...common, mayUnmute, videoStopped, room };
  return participant === viewer ? { ...common, mayUnmute, videoStopped } : common;
}

export function roomViews({ rooms }: MeetingState, hosts: boolean, viewer: ParticipantId): RoomView[] {
  if (hosts) return [...rooms];
  return rooms.flatMap(({ room, name, assigned }) =>
    assigned.includes(viewer) ? [{ room, name, assigned: [viewer] }] : [],
  );
}

export function maySee({ from, to }: ChatMessage, viewer: ParticipantId): boolean {
  return to === undefined || to === viewer || from === viewer;
}

export function chatView({ stamp: _, ...message }: ChatMessage): ChatView {
  return message;
}
