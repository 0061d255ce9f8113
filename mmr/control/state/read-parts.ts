/** Readers of the parts that acts, changes and whole states have in common. */
import { MAX_CHAT_MESSAGES, MAX_PEOPLE, MAX_REMOVED, MAX_ROOMS, MAX_SPOTLIGHTED } from './limits.ts';
import {
  boolean,
  count,
  id,
  idList,
  list,
  name,
  object,
  oneOf,
  qualifiedId,
  type Reader,
  role,
  text,
} from './read-fields.ts';

export const stamp = object({ term: id, version: count });

/** Of each setting that can be set, the values that it can have. */
export const SETTING_VALUES: Readonly<Record<string, Reader>> = {
  waitingRoom: boolean,
  joinBeforeHost: boolean,
  unmuteSelf: boolean,
  shareBy: oneOf('host', 'all'),
  chat: oneOf('all', 'host', 'off'),
  renameSelf: boolean,
};

export const settings = object({ ...SETTING_VALUES, locked: boolean });

export const person = object({
  name,
  role,
  since: count,
  'router?': qualifiedId,
  'room?': id,
  'away?': oneOf(true),
  'hand?': count,
  'mayUnmute?': oneOf(true),
  'videoStopped?': oneOf(true),
});

export const waitingPerson = object({ name, sinceMs: count, controller: qualifiedId, router: qualifiedId });

const message = object({
  id,
  from: id,
  fromName: name,
  'to?': id,
  'toName?': name,
  text,
  sentMs: count,
  stamp,
});

export const chatMessage: Reader = (value) => {
  const read = message(value) as { to?: string; toName?: string } | undefined; // two of the fields read above
  return read === undefined || (read.to === undefined) !== (read.toName === undefined) ? undefined : read;
};

export const room = object({ room: id, name, assigned: idList(MAX_PEOPLE) });

/** What is left of a state that no router has any more. */
const before = object({
  version: count,
  people: list(MAX_PEOPLE, object({ participant: id, person })),
  spotlight: idList(MAX_SPOTLIGHTED),
  chat: list(MAX_CHAT_MESSAGES, chatMessage),
  rooms: list(MAX_ROOMS, room),
  removed: idList(MAX_REMOVED),
});

/** Of a meeting. */
export const start = object({ settings, 'main?': id, 'before?': before });
