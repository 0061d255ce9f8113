/** What the server says of the meeting as a whole becomes its state, and is told to the page. */
import type { ServerMessage } from '../../proto/signalling.ts';
import type { Emitter } from './emitter.ts';
import type { MeetingEvents } from './meeting-events.ts';
import type { MeetingState } from './meeting-state.ts';

type Events = Pick<Emitter<MeetingEvents>, 'emit'>;
type News = Extract<ServerMessage, { type: 'roster' | 'state' | 'wholeState' | 'reaction' | 'speakers' | 'quality' }>;

/** Something has changed. */
export function takeNews(message: News, state: MeetingState, events: Events): void {
  switch (message.type) {
    case 'roster':
      events.emit('roster', state.applyRoster(message.changed, message.left));
      break;
    case 'state':
      events.emit('state', state.applyChanges(message.changes));
      break;
    case 'wholeState':
      events.emit('state', state.resetRecord(message.state));
      break;
    case 'reaction':
      events.emit('reaction', { participant: message.participant, emoji: message.emoji });
      break;
    case 'speakers':
      state.speakers = message.speakers;
      events.emit('speakers', message.speakers);
      break;
    case 'quality':
      state.applyQualities(message.qualities);
      events.emit(
        'quality',
        message.qualities.map(({ participant }) => participant),
      );
      break;
  }
}

/** All of it, said anew. */
export function takeWhole(
  message: Extract<ServerMessage, { type: 'joined' | 'resumed' }>,
  state: MeetingState,
  events: Events,
): void {
  events.emit('roster', state.reset(message));
  events.emit('state', state.resetRecord(message.state));
  events.emit('slots', undefined);
  events.emit('speakers', state.speakers);
}
