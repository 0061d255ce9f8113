/** What concerns somebody at this moment, told to his client; what is for people in rooms is passed on to there. */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { isFor, type Notice } from '../../mmr/control/state/notices.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { PlaceMirror } from './place-mirror.ts';
import type { Rooms } from './rooms.ts';

export class NoticeTelling {
  readonly #rooms: Pick<Rooms, 'send' | 'passOn'>;

  constructor(rooms: Pick<Rooms, 'send' | 'passOn'>) {
    this.#rooms = rooms;
  }

  /** What a router has said, to those whose media it carries. */
  tell(meeting: LiveMeeting, mirror: PlaceMirror, notice: Notice): void {
    const passedOn = toPassOn(notice, meeting.id);
    if (passedOn !== undefined) this.#rooms.passOn(passedOn.room, passedOn.act);
    const { state } = mirror.state;
    const concerned = meeting.sessionsAt(mirror).filter(({ participant }) => isFor(notice, state, participant));
    const message = toMessage(notice);
    if (message !== undefined) meeting.broadcast(message, concerned);
    const to = destination(notice, state.main);
    if (to !== undefined) for (const session of concerned) void this.#rooms.send(session, to, state);
  }
}

function toMessage(notice: Notice): ServerMessage | undefined {
  switch (notice.type) {
    case 'reaction':
      return { type: 'reaction', participant: notice.participant, emoji: notice.emoji };
    case 'mute':
      return { type: 'muted', source: notice.source };
    case 'muteAll':
      return { type: 'muted', source: 'microphone' };
    case 'askUnmute':
      return { type: 'askedToUnmute', source: notice.source };
    case 'endsSoon':
      return { type: 'endsSoon', leftMs: notice.leftMs };
    default:
      // Whose stay ends is told so when his router has ended it.
      return undefined;
  }
}

/** Where those go whom it is for. */
function destination(notice: Notice, main: MeetingId | undefined): MeetingId | undefined {
  if (notice.type === 'goToRoom') return notice.room;
  return notice.type === 'returnToMain' ? (notice.main ?? main) : undefined;
}

/** For somebody who is in a room now. `meeting`: that the room belongs to. */
function toPassOn(notice: Notice, meeting: MeetingId) {
  if (!('from' in notice) || notice.from === undefined) return undefined;
  const room = notice.from;
  const sendTo = (participants: readonly ParticipantId[] | 'all', to: MeetingId) => ({
    room,
    act: { type: 'sendTo', participants, to } as const,
  });
  switch (notice.type) {
    case 'removed':
      return { room, act: { type: 'remove', participant: notice.participant } as const };
    case 'goToRoom':
      return sendTo([notice.participant], notice.room);
    case 'returnToMain':
      return sendTo(notice.participants, meeting);
    default:
      return undefined;
  }
}
