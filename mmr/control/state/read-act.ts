/** Takes what came from a controller or another router for an act, or not. What it means is looked at where it is applied. */
import { type Act, type Actor, type PersonAct, REACTIONS } from './acts.ts';
import { MAX_BATCH, MAX_CHAT_MESSAGES, MAX_PEOPLE, MAX_ROOMS } from './limits.ts';
import {
  boolean,
  count,
  either,
  type FieldReaders,
  id,
  idList,
  list,
  microphoneOrCamera,
  name,
  object,
  oneOf,
  qualifiedId,
  role,
  sourceKind,
  text,
  union,
} from './read-fields.ts';
import { chatMessage, room, SETTING_VALUES } from './read-parts.ts';

const aboutOne = { participant: id };

const PERSON_ACTS: Readonly<Record<Exclude<PersonAct['type'], 'setSetting'>, FieldReaders>> = {
  lock: {},
  unlock: {},
  admit: aboutOne,
  refuse: aboutOne,
  admitAll: {},
  mute: { ...aboutOne, source: sourceKind },
  muteAll: {},
  askUnmute: { ...aboutOne, source: microphoneOrCamera },
  stopVideo: aboutOne,
  remove: aboutOne,
  rename: { ...aboutOne, name },
  makeHost: aboutOne,
  makeCohost: aboutOne,
  takeBackCohost: aboutOne,
  claimHost: {},
  spotlight: aboutOne,
  unspotlight: aboutOne,
  raiseHand: {},
  lowerHand: aboutOne,
  lowerAllHands: {},
  react: { emoji: oneOf(...REACTIONS) },
  chat: { text, 'to?': id },
  openRooms: { rooms: list(MAX_ROOMS, room) },
  assignRoom: { ...aboutOne, 'room?': id },
  closeRooms: {},
  sendTo: { participants: either(oneOf('all'), idList(MAX_PEOPLE)), to: id },
  enterRoom: { ...aboutOne, room: id },
  leftRoom: { room: id, participants: idList(MAX_BATCH) },
  announceEnd: { leftMs: count },
  endMeeting: {},
};

const newcomer = { participant: id, name, role, controller: qualifiedId };

const ROUTER_ACTS: Readonly<Record<Exclude<Act['type'], PersonAct['type']>, FieldReaders>> = {
  join: { ...newcomer, router: qualifiedId, returning: boolean },
  rejoin: { router: qualifiedId, people: list(MAX_BATCH, object({ ...newcomer, waiting: boolean })) },
  leave: { 'router?': qualifiedId, participants: idList(MAX_BATCH), 'room?': id },
  appendChat: { messages: list(MAX_CHAT_MESSAGES, chatMessage) },
};

const setSetting = either(
  ...Object.entries(SETTING_VALUES).map(([setting, value]) =>
    object({ type: oneOf('setSetting'), setting: oneOf(setting), value }),
  ),
);
const personAct = either(union(PERSON_ACTS), setSetting);
const act = either(personAct, union(ROUTER_ACTS));
const actor = either(oneOf('operator', 'router'), object({ participant: id }));

/** Of a participant or an operator; undefined: none that we know, or not as it should be. */
export function readPersonAct(value: unknown): PersonAct | undefined {
  return personAct(value) as PersonAct | undefined; // as read, field by field
}

export function readAct(value: unknown): Act | undefined {
  return act(value) as Act | undefined; // as read, field by field
}

export function readActor(value: unknown): Actor | undefined {
  return actor(value) as Actor | undefined; // as read, field by field
}
