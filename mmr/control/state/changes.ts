/**
 * What an act has changed. Whoever applies the same changes to the same state has the same state then: the router that
 * decides does it just as those that copy.
 */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import { withMessage } from './chat-history.ts';
import { MAX_REMOVED } from './limits.ts';
import type { ChatMessage, MeetingState, Person, Room, Settings, Stamp, WaitingPerson } from './meeting-state.ts';

export type Change =
  | { readonly type: 'settings'; readonly settings: Settings }
  /** He has come, or is another way. */
  | { readonly type: 'person'; readonly participant: ParticipantId; readonly person: Person }
  /** With their places in spotlight and rooms. */
  | { readonly type: 'left'; readonly participants: readonly ParticipantId[] }
  | { readonly type: 'waiting'; readonly participant: ParticipantId; readonly entry: WaitingPerson }
  | { readonly type: 'notWaiting'; readonly participants: readonly ParticipantId[] }
  | { readonly type: 'spotlight'; readonly participants: readonly ParticipantId[] }
  | { readonly type: 'chat'; readonly message: ChatMessage }
  /** All of them: opened or closed. */
  | { readonly type: 'rooms'; readonly rooms: readonly Room[] }
  | { readonly type: 'assigned'; readonly participant: ParticipantId; readonly room?: MeetingId | undefined }
  | { readonly type: 'removed'; readonly participants: readonly ParticipantId[] }
  | { readonly type: 'ended' };

export function applyChanges(state: MeetingState, changes: readonly Change[], { term, version }: Stamp): MeetingState {
  const next = { ...state, term, version };
  // Copied once, however many change.
  let people: Map<ParticipantId, Person> | undefined;
  let waiting: Map<ParticipantId, WaitingPerson> | undefined;
  for (const change of changes) {
    switch (change.type) {
      case 'person':
        people ??= new Map(state.people);
        people.set(change.participant, change.person);
        break;
      case 'left': {
        people ??= new Map(state.people);
        for (const participant of change.participants) people.delete(participant);
        const gone = new Set(change.participants);
        next.spotlight = without(next.spotlight, gone);
        next.rooms = next.rooms.map((room) => ({ ...room, assigned: without(room.assigned, gone) }));
        break;
      }
      case 'waiting':
        waiting ??= new Map(state.waiting);
        waiting.set(change.participant, change.entry);
        break;
      case 'notWaiting':
        waiting ??= new Map(state.waiting);
        for (const participant of change.participants) waiting.delete(participant);
        break;
      case 'settings':
        next.settings = change.settings;
        break;
      case 'spotlight':
        next.spotlight = change.participants;
        break;
      case 'chat':
        next.chat = withMessage(next.chat, change.message);
        break;
      case 'rooms':
        next.rooms = change.rooms;
        break;
      case 'assigned':
        next.rooms = next.rooms.map((room) => reassigned(room, change.participant, change.room));
        break;
      case 'removed':
        next.removed = [...without(next.removed, new Set(change.participants)), ...change.participants];
        next.removed = next.removed.slice(-MAX_REMOVED);
        break;
      case 'ended':
        next.ended = true;
        break;
    }
  }
  if (people !== undefined) next.people = people;
  if (waiting !== undefined) next.waiting = waiting;
  return next;
}

function reassigned(room: Room, participant: ParticipantId, to: MeetingId | undefined): Room {
  const isIn = room.assigned.includes(participant);
  if (isIn === (room.room === to)) return room;
  const others = room.assigned.filter((each) => each !== participant);
  return { ...room, assigned: isIn ? others : [...others, participant] };
}

function without(list: readonly ParticipantId[], gone: ReadonlySet<ParticipantId>): readonly ParticipantId[] {
  return list.some((each) => gone.has(each)) ? list.filter((each) => !gone.has(each)) : list;
}
