/** Takes what another router says has changed for changes and notices, or not. */
import { REACTIONS } from './acts.ts';
import type { Change } from './changes.ts';
import { MAX_PEOPLE, MAX_REMOVED, MAX_ROOMS, MAX_SPOTLIGHTED, MAX_WAITING } from './limits.ts';
import type { Notice } from './notices.ts';
import {
  count,
  either,
  type FieldReaders,
  id,
  idList,
  list,
  microphoneOrCamera,
  oneOf,
  qualifiedId,
  sourceKind,
  union,
} from './read-fields.ts';
import { chatMessage, person, room, settings, waitingPerson } from './read-parts.ts';

const CHANGES: Readonly<Record<Change['type'], FieldReaders>> = {
  settings: { settings },
  person: { participant: id, person },
  left: { participants: idList(MAX_PEOPLE) },
  waiting: { participant: id, entry: waitingPerson },
  notWaiting: { participants: idList(MAX_WAITING) },
  spotlight: { participants: idList(MAX_SPOTLIGHTED) },
  chat: { message: chatMessage },
  rooms: { rooms: list(MAX_ROOMS, room) },
  assigned: { participant: id, 'room?': id },
  removed: { participants: idList(MAX_REMOVED) },
  ended: {},
};

const forWaiting = { participant: id, router: qualifiedId, controller: qualifiedId };

const NOTICES: Readonly<Record<Notice['type'], FieldReaders>> = {
  reaction: { participant: id, emoji: oneOf(...REACTIONS) },
  mute: { participant: id, source: sourceKind },
  muteAll: {},
  askUnmute: { participant: id, source: microphoneOrCamera },
  removed: { participant: id, 'from?': id },
  admitted: forWaiting,
  refused: forWaiting,
  goToRoom: { participant: id, room: id, 'from?': id },
  returnToMain: { participants: either(oneOf('all'), idList(MAX_PEOPLE)), 'main?': id, 'from?': id },
  endsSoon: { leftMs: count },
  ended: {},
};

const change = union(CHANGES);
const notice = union(NOTICES);

export function readChange(value: unknown): Change | undefined {
  return change(value) as Change | undefined; // as read, field by field
}

export function readNotice(value: unknown): Notice | undefined {
  return notice(value) as Notice | undefined; // as read, field by field
}
