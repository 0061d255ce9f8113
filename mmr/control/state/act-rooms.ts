/**
 * Rooms are meetings of their own, which a controller has made before it opens them here. This state says who is to be
 * where; controllers have clients go there and back, and say so by `leave` (into a room) and `join` (back).
 */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { PersonAct } from './acts.ts';
import { changed, type Decision, decided, isRoomOpen, NOTHING, notPossible, refused, withPerson } from './decision.ts';
import { MAX_ROOMS } from './limits.ts';
import type { MeetingState, Room } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { REFUSALS } from './refusal.ts';

export function openRooms(state: MeetingState, rooms: readonly Room[]): Decision {
  if (state.main !== undefined) return notPossible('A room has no rooms of its own.');
  if (state.rooms.length > 0) return notPossible('The rooms are open already. Close them first.');
  if (rooms.length === 0 || rooms.length > MAX_ROOMS) return notPossible(`There can be 1 to ${MAX_ROOMS} rooms.`);
  if (new Set(rooms.map(({ room }) => room)).size < rooms.length) return notPossible('Two rooms are the same meeting.');
  const seen = new Set<ParticipantId>();
  // Somebody may have left while the host was dividing them up.
  const opened = rooms.map(({ room, name, assigned }) => ({
    room,
    name,
    assigned: assigned.filter((each) => state.people.has(each) && !seen.has(each) && seen.add(each)),
  }));
  const notices = opened.flatMap(({ room, assigned }) =>
    assigned.flatMap((participant) => goTo(state, participant, room)),
  );
  return decided([{ type: 'rooms', rooms: opened }], notices);
}

export function assignRoom(
  state: MeetingState,
  { participant, room }: Extract<PersonAct, { type: 'assignRoom' }>,
): Decision {
  return withPerson(state, participant, (person) => {
    if (room !== undefined && !isRoomOpen(state, room)) return notPossible('That room is not open.');
    const before = state.rooms.find(({ assigned }) => assigned.includes(participant))?.room;
    if (before === room && person.room === room) return NOTHING;
    return decided(before === room ? [] : [{ type: 'assigned', participant, room }], goTo(state, participant, room));
  });
}

export function closeRooms(state: MeetingState): Decision {
  if (state.rooms.length === 0) return NOTHING;
  const notices = state.rooms.map(({ room }): Notice => ({ type: 'returnToMain', participants: 'all', from: room }));
  return decided([{ type: 'rooms', rooms: [] }], notices);
}

/** In a room, what the main meeting has ordered. */
export function sendTo(state: MeetingState, { participants, to }: Extract<PersonAct, { type: 'sendTo' }>): Decision {
  if (to === state.main) return decided([], [{ type: 'returnToMain', participants, main: to }]);
  const whom = participants === 'all' ? [...state.people.keys()] : participants;
  return decided(
    [],
    whom.flatMap((participant): Notice[] =>
      state.people.has(participant) ? [{ type: 'goToRoom', participant, room: to }] : [],
    ),
  );
}

/**
 * Who goes into a room by himself, or straight from another one, is let in there only if he is to be there: not one who was
 * removed, sent elsewhere or called back. That he has left the meeting itself, his router says.
 */
export function enterRoom(
  state: MeetingState,
  { participant, room }: Extract<PersonAct, { type: 'enterRoom' }>,
): Decision {
  if (state.removed.includes(participant)) return refused(REFUSALS.outside);
  if (!isRoomOpen(state, room)) return notPossible('That room is not open any more.');
  const person = state.people.get(participant);
  const isAssigned = state.rooms.some((each) => each.room === room && each.assigned.includes(participant));
  if (person === undefined || !isAssigned) return notPossible('You are not assigned to that room any more.');
  return decided(person.room === undefined ? [] : changed(participant, person, { room, away: undefined }));
}

/** They may still come back, there or here. Who is elsewhere by now is not meant. */
export function leftRoom(
  state: MeetingState,
  { participants, room }: Extract<PersonAct, { type: 'leftRoom' }>,
): Decision {
  return decided(
    participants.flatMap((participant) => {
      const person = state.people.get(participant);
      return person?.room === room ? changed(participant, person, { away: true }) : [];
    }),
  );
}

/** He is told where he is: here, or in a room. */
function goTo(state: MeetingState, participant: ParticipantId, room: MeetingId | undefined): Notice[] {
  const from = state.people.get(participant)?.room;
  if (from === room) return [];
  if (room !== undefined) return [{ type: 'goToRoom', participant, room, from }];
  return [{ type: 'returnToMain', participants: [participant], from }];
}
