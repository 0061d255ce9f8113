/** Orders about what people send. That somebody is muted is on his router's roster; here is what he may turn on again. */
import type { ParticipantId } from '../../../common/ids.ts';
import type { SourceKind } from '../../media/negotiated.ts';
import type { Change } from './changes.ts';
import { changed, type Decision, decided, notPossible, withPerson } from './decision.ts';
import type { MeetingState, Person } from './meeting-state.ts';

export function mute(state: MeetingState, participant: ParticipantId, source: SourceKind): Decision {
  return withSender(state, participant, (person) => {
    const changes = source === 'microphone' ? changed(participant, person, { mayUnmute: undefined }) : [];
    return decided(changes, [{ type: 'mute', participant, source }]);
  });
}

export function muteAll(state: MeetingState): Decision {
  const changes: Change[] = [];
  for (const [participant, person] of state.people) {
    if (person.role === 'participant') changes.push(...changed(participant, person, { mayUnmute: undefined }));
  }
  return decided(changes, [{ type: 'muteAll' }]);
}

/** Who is asked, may. */
export function askUnmute(state: MeetingState, participant: ParticipantId, source: 'microphone' | 'camera'): Decision {
  return withSender(state, participant, (person) => {
    const change = source === 'microphone' ? { mayUnmute: true as const } : { videoStopped: undefined };
    return decided(changed(participant, person, change), [{ type: 'askUnmute', participant, source }]);
  });
}

/** Unlike with `mute`, it stays off until he is asked. */
export function stopVideo(state: MeetingState, participant: ParticipantId): Decision {
  return withSender(state, participant, (person) =>
    decided(changed(participant, person, { videoStopped: true }), [{ type: 'mute', participant, source: 'camera' }]),
  );
}

/** Media of those who are in rooms is there, and so are the hosts who may order it. */
function withSender(state: MeetingState, participant: ParticipantId, decide: (person: Person) => Decision): Decision {
  return withPerson(state, participant, (person) =>
    person.room === undefined ? decide(person) : notPossible('That person is in a room.'),
  );
}
