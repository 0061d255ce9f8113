/** The waiting room: who is let in, and who is not. */
import type { ParticipantId } from '../../../common/ids.ts';
import type { Change } from './changes.ts';
import { type ActContext, type Decision, decided, NOTHING, refused } from './decision.ts';
import { MAX_PEOPLE } from './limits.ts';
import type { MeetingState } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { REFUSALS } from './refusal.ts';

export function admit(state: MeetingState, participant: ParticipantId, context: ActContext): Decision {
  if (!state.waiting.has(participant)) return refused(REFUSALS.notWaiting);
  if (state.people.size >= MAX_PEOPLE) return refused(REFUSALS.full);
  return admitWaiting(state, [participant], context);
}

/** As many as fit, in the order in which they came. `coming`: how many others come in by the same act. */
export function admitWaiting(
  state: MeetingState,
  participants: readonly ParticipantId[],
  { stamp }: ActContext,
  coming = 0,
): Decision {
  const changes: Change[] = [];
  const notices: Notice[] = [];
  for (const participant of participants.slice(0, Math.max(0, MAX_PEOPLE - state.people.size - coming))) {
    const entry = state.waiting.get(participant);
    if (entry === undefined) continue;
    const { name, router, controller } = entry;
    changes.push({ type: 'person', participant, person: { name, role: 'participant', since: stamp.version, router } });
    notices.push({ type: 'admitted', participant, router, controller });
  }
  if (changes.length === 0) return NOTHING;
  const admitted = notices.flatMap((notice) => (notice.type === 'admitted' ? notice.participant : []));
  return decided([{ type: 'notWaiting', participants: admitted }, ...changes], notices);
}

export function refuse(state: MeetingState, participant: ParticipantId): Decision {
  const entry = state.waiting.get(participant);
  if (entry === undefined) return refused(REFUSALS.notWaiting);
  const { router, controller } = entry;
  return decided(
    [
      { type: 'notWaiting', participants: [participant] },
      { type: 'removed', participants: [participant] },
    ],
    [{ type: 'refused', participant, router, controller }],
  );
}
