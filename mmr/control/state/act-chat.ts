/** What people write and show. */
import type { ParticipantId } from '../../../common/ids.ts';
import type { PersonAct, Reaction, RouterAct } from './acts.ts';
import type { Change } from './changes.ts';
import { bounded } from './chat-history.ts';
import { type ActContext, type Decision, decided, refused, withPerson } from './decision.ts';
import type { MeetingState } from './meeting-state.ts';
import { REFUSALS } from './refusal.ts';

export function chat(
  state: MeetingState,
  from: ParticipantId,
  { text, to }: Extract<PersonAct, { type: 'chat' }>,
  { id, unixMs, stamp }: ActContext,
): Decision {
  return withPerson(state, from, ({ name: fromName }) => {
    const message = { id, from, fromName, text, sentMs: unixMs, stamp };
    if (to === undefined) return decided([{ type: 'chat', message }]);
    const receiver = state.people.get(to);
    if (receiver === undefined) return refused(REFUSALS.targetGone);
    return decided([{ type: 'chat', message: { ...message, to, toName: receiver.name } }]);
  });
}

/** Those that are here already are left out. They come behind what is here, and keep their time. */
export function appendChat(
  state: MeetingState,
  { messages }: Extract<RouterAct, { type: 'appendChat' }>,
  { stamp }: ActContext,
): Decision {
  const known = new Set(state.chat.map(({ id }) => id));
  const fresh = bounded(messages.filter(({ id }) => !known.has(id)));
  return decided(fresh.map((message): Change => ({ type: 'chat', message: { ...message, stamp } })));
}

export function react(participant: ParticipantId, emoji: Reaction): Decision {
  return decided([], [{ type: 'reaction', participant, emoji }]);
}
