/** Acts about single people: roles, names, hands, and who has to go. */
import type { ParticipantId } from '../../../common/ids.ts';
import { stepDown, succession } from './act-join.ts';
import { admitWaiting } from './act-waiting.ts';
import type { Change } from './changes.ts';
import { type ActContext, changed, type Decision, decided, NOTHING, notPossible, withPerson } from './decision.ts';
import { MAX_SPOTLIGHTED } from './limits.ts';
import { hostOf, type MeetingState, type Role } from './meeting-state.ts';

export function rename(state: MeetingState, participant: ParticipantId, name: string): Decision {
  return withPerson(state, participant, (person) => decided(changed(participant, person, { name })));
}

/** The host before him becomes a co-host. With him, those come in who have waited for a host. */
export function makeHost(state: MeetingState, participant: ParticipantId, context: ActContext): Decision {
  return withPerson(state, participant, (person) => {
    if (person.role === 'host') return NOTHING;
    const changes = [...stepDown(state), ...changed(participant, person, { role: 'host' })];
    if (hostOf(state) !== undefined || state.settings.waitingRoom) return decided(changes);
    const admitted = admitWaiting(state, [...state.waiting.keys()], context);
    return 'refusal' in admitted ? admitted : decided([...changes, ...admitted.changes], admitted.notices);
  });
}

/** Without a host, a co-host is one. */
export function makeCohost(state: MeetingState, participant: ParticipantId, context: ActContext): Decision {
  if (hostOf(state) === undefined) return makeHost(state, participant, context);
  return withPerson(state, participant, (person) =>
    person.role === 'participant' ? decided(changed(participant, person, { role: 'cohost' })) : NOTHING,
  );
}

export function takeBackCohost(state: MeetingState, participant: ParticipantId): Decision {
  const role: Role = 'participant';
  return withPerson(state, participant, (person) =>
    person.role === 'cohost' ? decided(changed(participant, person, { role })) : NOTHING,
  );
}

/** He does not come back with this stay. */
export function remove(state: MeetingState, participant: ParticipantId): Decision {
  return withPerson(state, participant, ({ room: from }) =>
    decided(
      [
        { type: 'left', participants: [participant] },
        { type: 'removed', participants: [participant] },
        ...succession(state, new Set([participant])),
      ],
      [{ type: 'removed', participant, from }],
    ),
  );
}

export function raiseHand(state: MeetingState, participant: ParticipantId, { stamp }: ActContext): Decision {
  return withPerson(state, participant, (person) =>
    person.hand === undefined ? decided(changed(participant, person, { hand: stamp.version })) : NOTHING,
  );
}

export function lowerHand(state: MeetingState, participant: ParticipantId): Decision {
  return withPerson(state, participant, (person) => decided(changed(participant, person, { hand: undefined })));
}

export function lowerAllHands(state: MeetingState): Decision {
  const changes: Change[] = [];
  for (const [participant, person] of state.people) changes.push(...changed(participant, person, { hand: undefined }));
  return decided(changes);
}

export function spotlight(state: MeetingState, participant: ParticipantId): Decision {
  return withPerson(state, participant, () => {
    if (state.spotlight.includes(participant)) return NOTHING;
    if (state.spotlight.length >= MAX_SPOTLIGHTED) {
      return notPossible(`At most ${MAX_SPOTLIGHTED} people are in the spotlight at once.`);
    }
    return decided([{ type: 'spotlight', participants: [...state.spotlight, participant] }]);
  });
}

export function unspotlight(state: MeetingState, participant: ParticipantId): Decision {
  const participants = state.spotlight.filter((each) => each !== participant);
  return participants.length === state.spotlight.length ? NOTHING : decided([{ type: 'spotlight', participants }]);
}
