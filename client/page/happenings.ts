/** What has happened in a meeting between two records of it, in words for the person at this page. Pure. */
import type { MeetingSettings } from '../../proto/meeting-settings.ts';
import type { Role } from '../../proto/signalling.ts';
import type { MeetingRecord } from '../sdk/meeting-record.ts';
import { isHost, roleOf } from '../sdk/own-rights.ts';

export interface Happening {
  readonly words: string;
  /** One should not miss it; otherwise it is read out to those who do not see it. */
  readonly isShown: boolean;
}

/** Above this many at once, a number says more than names. */
const MOST_NAMES = 3;

/** @param nameOf By participant; undefined for who is not here. */
export function happenings(
  before: MeetingRecord,
  after: MeetingRecord,
  self: string,
  nameOf: (participant: string) => string | undefined,
): Happening[] {
  const hosts = isHost(after, self);
  const told: Happening[] = [];
  const tell = (words: string, isShown = false) => told.push({ words, isShown });

  const role = roleOf(after, self);
  if (role !== roleOf(before, self)) tell(ROLE_WORDS[role], true);

  const hands = [...after.people.values()].filter(
    ({ participant, hand }) => hand !== undefined && before.people.get(participant)?.hand === undefined,
  );
  const raisers = hands.filter(({ participant }) => participant !== self).map(({ name }) => name);
  if (raisers.length > 0) tell(`${who(raisers)} raised a hand`, hosts);
  if (hands.some(({ participant }) => participant === self)) tell('Your hand is raised.');
  if (before.people.get(self)?.hand !== undefined && after.people.get(self)?.hand === undefined) {
    tell('Your hand is lowered.');
  }

  if (after.people.get(self)?.videoStopped && !before.people.get(self)?.videoStopped) {
    tell('A host has stopped your video. You can start it when you are asked to.', true);
  }

  const lit = after.spotlight.filter((each) => !before.spotlight.includes(each));
  if (lit.includes(self)) tell('You are in the spotlight.', true);
  const names = lit.flatMap((each) => (each === self ? [] : (nameOf(each) ?? [])));
  if (names.length > 0) tell(`${who(names)} ${names.length > 1 ? 'are' : 'is'} in the spotlight`);
  if (before.spotlight.includes(self) && !after.spotlight.includes(self)) {
    tell('You are not in the spotlight any more.', true);
  }

  for (const words of settingWords(before.settings, after.settings)) tell(words);
  if (hosts && after.rooms.length > 0 && before.rooms.length === 0) tell('The breakout rooms are open.');
  if (hosts && after.rooms.length === 0 && before.rooms.length > 0) tell('The breakout rooms are closed.');
  return told;
}

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  host: 'You are the host now.',
  cohost: 'You are a co-host now.',
  participant: 'You are not a host any more.',
};

function settingWords(before: MeetingSettings, after: MeetingSettings): string[] {
  const words: string[] = [];
  if (after.locked !== before.locked)
    words.push(after.locked ? 'The meeting is locked.' : 'The meeting is open again.');
  if (after.unmuteSelf !== before.unmuteSelf) {
    words.push(after.unmuteSelf ? 'Participants may unmute themselves.' : 'Participants are unmuted by hosts only.');
  }
  if (after.shareBy !== before.shareBy) {
    words.push(after.shareBy === 'all' ? 'Everybody may share a screen.' : 'Only hosts may share a screen.');
  }
  if (after.chat !== before.chat) words.push(CHAT_WORDS[after.chat]);
  return words;
}

const CHAT_WORDS: Readonly<Record<MeetingSettings['chat'], string>> = {
  all: 'Everybody may write in the chat.',
  host: 'Participants may write to hosts only.',
  off: 'The chat is turned off for participants.',
};

export function who(names: readonly string[]): string {
  return names.length > MOST_NAMES ? `${names.length} people` : names.join(', ');
}
