/** Who may do what: one table, and what its words mean. */
import type { ParticipantId } from '../../../common/ids.ts';
import type { SourceKind } from '../../media/negotiated.ts';
import type { Act, Actor, ActType } from './acts.ts';
import { isHost, type MeetingState, type Role } from './meeting-state.ts';
import { REFUSALS, type Refusal } from './refusal.ts';

export type Right =
  | 'yes'
  | 'no'
  /** To himself. */
  | 'self'
  /** To who has a lower role: host, co-host, participant. */
  | 'lower'
  | 'selfOrLower'
  /** To himself, if `renameSelf` is set. */
  | 'renameSelf'
  /** As the setting `chat` says. */
  | 'chat';

export type Capacity = Role | 'operator' | 'router';

const HOSTS = { host: 'yes', cohost: 'yes', participant: 'no', operator: 'yes', router: 'no' } as const;
const HOSTS_TO_LOWER = { host: 'lower', cohost: 'lower', participant: 'no', operator: 'yes', router: 'no' } as const;
const HOST_TO_LOWER = { host: 'lower', cohost: 'no', participant: 'no', operator: 'yes', router: 'no' } as const;
const PEOPLE = { host: 'yes', cohost: 'yes', participant: 'yes', operator: 'no', router: 'no' } as const;
const ZONE = { host: 'no', cohost: 'no', participant: 'no', operator: 'yes', router: 'no' } as const;
const ROUTERS = { host: 'no', cohost: 'no', participant: 'no', operator: 'no', router: 'yes' } as const;

export const RIGHTS: Readonly<Record<ActType, Readonly<Record<Capacity, Right>>>> = {
  lock: HOSTS,
  unlock: HOSTS,
  setSetting: HOSTS,
  admit: HOSTS,
  refuse: HOSTS,
  admitAll: HOSTS,
  mute: HOSTS_TO_LOWER,
  muteAll: HOSTS,
  askUnmute: HOSTS_TO_LOWER,
  stopVideo: HOSTS_TO_LOWER,
  remove: HOSTS_TO_LOWER,
  rename: { ...HOSTS_TO_LOWER, host: 'selfOrLower', cohost: 'selfOrLower', participant: 'renameSelf' },
  makeHost: HOST_TO_LOWER,
  makeCohost: HOST_TO_LOWER,
  takeBackCohost: HOST_TO_LOWER,
  claimHost: PEOPLE,
  spotlight: HOSTS,
  unspotlight: HOSTS,
  raiseHand: PEOPLE,
  lowerHand: { ...HOSTS, participant: 'self' },
  lowerAllHands: HOSTS,
  react: PEOPLE,
  chat: { ...PEOPLE, participant: 'chat' },
  openRooms: HOSTS,
  assignRoom: HOSTS,
  closeRooms: HOSTS,
  sendTo: ZONE,
  enterRoom: ZONE,
  leftRoom: ZONE,
  announceEnd: ZONE,
  endMeeting: { ...HOSTS, cohost: 'no' },
  join: ROUTERS,
  rejoin: ROUTERS,
  leave: ROUTERS,
  appendChat: ROUTERS,
};

/** Why the actor may not do it; undefined: he may. */
export function forbids(state: MeetingState, actor: Actor, act: Act): Refusal | undefined {
  if (typeof actor === 'string') return RIGHTS[act.type][actor] === 'yes' ? undefined : NOT_ALLOWED;
  const person = state.people.get(actor.participant);
  // Who is in a room acts there.
  if (person === undefined || person.room !== undefined) return REFUSALS.notHere;
  const right = RIGHTS[act.type][person.role];
  return CHECKS[right](state, actor.participant, act);
}

/**
 * Why somebody may not turn on a source of his own; undefined: he may. For his router, on its copy of the state. Does not
 * hold for what is on already.
 */
export function forbidsTurningOn(
  state: MeetingState,
  participant: ParticipantId,
  source: SourceKind,
): Refusal | undefined {
  const person = state.people.get(participant);
  // His router knows better: the state has lost him for a moment.
  if (person === undefined) return REFUSALS.away;
  if (isHost(person)) return undefined;
  const { unmuteSelf, shareBy } = state.settings;
  if (source === 'microphone' && !unmuteSelf && !person.mayUnmute) return KEPT_MUTED;
  if (source === 'camera' && person.videoStopped) return KEPT_DARK;
  if (source === 'screen' && shareBy === 'host') return SHARED_BY_HOSTS;
  return undefined;
}

const NOT_ALLOWED = refusal('You are not allowed to do that in this meeting.');
const NOT_TO_HIM = refusal('You are not allowed to do that to this person.');
const NO_RENAMING = refusal('The host does not let participants change their names.');
const NO_CHAT = refusal('The host has turned off the chat.');
const CHAT_TO_HOSTS = refusal('The host lets participants write to hosts only.');
const KEPT_MUTED = refusal('The host keeps participants muted. Raise your hand to be asked to speak.');
const KEPT_DARK = refusal('The host has stopped your video.');
const SHARED_BY_HOSTS = refusal('Only hosts may share their screen.');

type Check = (state: MeetingState, actor: ParticipantId, act: Act) => Refusal | undefined;

const CHECKS: Readonly<Record<Right, Check>> = {
  yes: () => undefined,
  no: () => NOT_ALLOWED,
  self: (_, actor, act) => (targetOf(act) === actor ? undefined : NOT_ALLOWED),
  lower: isToLower,
  selfOrLower: (state, actor, act) => (targetOf(act) === actor ? undefined : isToLower(state, actor, act)),
  renameSelf: ({ settings }, actor, act) => {
    if (targetOf(act) !== actor) return NOT_ALLOWED;
    return settings.renameSelf ? undefined : NO_RENAMING;
  },
  chat: ({ settings, people }, _, act) => {
    if (settings.chat === 'all') return undefined;
    if (settings.chat === 'off') return NO_CHAT;
    const to = act.type === 'chat' ? act.to : undefined;
    return to !== undefined && isHost(people.get(to)) ? undefined : CHAT_TO_HOSTS;
  },
};

const RANKS: Readonly<Record<Role, number>> = { host: 2, cohost: 1, participant: 0 };

function isToLower({ people }: MeetingState, actor: ParticipantId, act: Act): Refusal | undefined {
  const target = people.get(targetOf(act) as ParticipantId); // of nobody: undefined
  const own = people.get(actor);
  if (target === undefined || own === undefined) return REFUSALS.targetGone;
  return RANKS[target.role] < RANKS[own.role] ? undefined : NOT_TO_HIM;
}

function targetOf(act: Act): ParticipantId | undefined {
  return 'participant' in act ? act.participant : undefined;
}

function refusal(message: string): Refusal {
  return { code: 'notAllowed', message };
}
