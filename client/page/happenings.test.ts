import { expect, test } from 'vitest';
import type { MeetingSettings } from '../../proto/meeting-settings.ts';
import type { PersonEntry } from '../../proto/signalling.ts';
import { type MeetingRecord, NO_RECORD } from '../sdk/meeting-record.ts';
import { happenings } from './happenings.ts';

function record(people: Partial<PersonEntry>[], more: Partial<MeetingRecord> = {}): MeetingRecord {
  const entries = people.map((each): PersonEntry => ({ participant: '', name: '', role: 'participant', ...each }));
  return { ...NO_RECORD, people: new Map(entries.map((each) => [each.participant, each])), ...more };
}

const settings = (change: Partial<MeetingSettings>) => record([], { settings: { ...NO_RECORD.settings, ...change } });
const NAMES: Record<string, string> = { ann: 'Ann', ben: 'Ben' };

function told(before: MeetingRecord, after: MeetingRecord): string[] {
  return happenings(before, after, 'self', (participant) => NAMES[participant]).map(
    ({ words, isShown }) => `${isShown ? 'shown' : 'said'}: ${words}`,
  );
}

const self = (more: Partial<PersonEntry>) => ({ participant: 'self', name: 'Self', ...more });
const hand = (participant: string, order: number) => ({
  participant,
  name: NAMES[participant] ?? participant,
  hand: order,
});

test.each([
  ['nothing', NO_RECORD, NO_RECORD, []],
  ['a hand', NO_RECORD, record([hand('ann', 1)]), ['said: Ann raised a hand']],
  [
    'hands, for a host',
    record([self({ role: 'cohost' }), hand('ann', 1)]),
    record([self({ role: 'cohost' }), hand('ann', 1), hand('ben', 2)]),
    ['shown: Ben raised a hand'],
  ],
  [
    'many hands',
    NO_RECORD,
    record([1, 2, 3, 4].map((order) => hand(`p${order}`, order))),
    ['said: 4 people raised a hand'],
  ],
  ['the own hand', NO_RECORD, record([self({ hand: 1 })]), ['said: Your hand is raised.']],
  ['the own hand down', record([self({ hand: 1 })]), NO_RECORD, ['said: Your hand is lowered.']],
  ['a role', NO_RECORD, record([self({ role: 'host' })]), ['shown: You are the host now.']],
  ['a role taken', record([self({ role: 'cohost' })]), NO_RECORD, ['shown: You are not a host any more.']],
  ['a spotlight', NO_RECORD, record([], { spotlight: ['ann', 'gone'] }), ['said: Ann is in the spotlight']],
  ['the own one', NO_RECORD, record([], { spotlight: ['self'] }), ['shown: You are in the spotlight.']],
  ['a lock', NO_RECORD, settings({ locked: true }), ['said: The meeting is locked.']],
  ['chat', settings({ chat: 'off' }), NO_RECORD, ['said: Everybody may write in the chat.']],
  [
    'a stopped video',
    NO_RECORD,
    record([self({ videoStopped: true })]),
    ['shown: A host has stopped your video. You can start it when you are asked to.'],
  ],
  [
    'rooms, for a host',
    record([self({ role: 'host' })], { rooms: [{ room: '1', name: 'One', assigned: [] }] }),
    record([self({ role: 'host' })]),
    ['said: The breakout rooms are closed.'],
  ],
])('%s', (_, before, after, expected) => {
  expect(told(before, after)).toEqual(expected);
});
