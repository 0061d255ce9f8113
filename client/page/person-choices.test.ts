import { expect, test } from 'vitest';
import type { PersonEntry, Role, SourceKind } from '../../proto/signalling.ts';
import { type MeetingRecord, NO_RECORD } from '../sdk/meeting-record.ts';
import { personChoices } from './person-choices.ts';

function record(self: Role, other: Role, more: Partial<MeetingRecord> = {}): MeetingRecord {
  const person = (participant: string, role: Role): [string, PersonEntry] => [
    participant,
    { participant, name: participant, role },
  ];
  return { ...NO_RECORD, people: new Map([person('self', self), person('other', other)]), ...more };
}

const LIVE: SourceKind[] = ['microphone', 'camera', 'screen'];
const about = (state: MeetingRecord, participant = 'other', live = LIVE) =>
  personChoices(state, 'self', { participant, live }).join(' ');

test('the host may do everything to others', () => {
  expect(about(record('host', 'participant'))).toBe(
    'write mute stopVideo stopSharing spotlight rename makeCohost makeHost remove',
  );
  expect(about(record('host', 'cohost'), 'other', [])).toBe(
    'write askUnmute askVideo spotlight rename takeBackCohost makeHost remove',
  );
  expect(about(record('host', 'participant', { spotlight: ['other'] }))).toContain('unspotlight');
});

test('a co-host gives orders to participants, not to hosts, and no roles', () => {
  expect(about(record('cohost', 'participant'))).toBe('write mute stopVideo stopSharing spotlight rename remove');
  expect(about(record('cohost', 'host'))).toBe('write spotlight');
});

test('participants write to whom they may, and change their own name if they may', () => {
  const { settings } = NO_RECORD;
  expect(about(record('participant', 'participant'))).toBe('write');
  expect(about(record('participant', 'participant', { settings: { ...settings, chat: 'host' } }))).toBe('');
  expect(about(record('participant', 'cohost', { settings: { ...settings, chat: 'host' } }))).toBe('write');
  expect(about(record('participant', 'host', { settings: { ...settings, chat: 'off' } }))).toBe('');
  expect(about(NO_RECORD, 'self')).toBe('rename');
  expect(about({ ...NO_RECORD, settings: { ...settings, renameSelf: false } }, 'self')).toBe('');
});

test('a hand is lowered by its owner and by hosts', () => {
  const raised = (role: Role): MeetingRecord => {
    const state = record(role, 'participant');
    const people = [...state.people.values()].map((person) => ({ ...person, hand: 3 }));
    return { ...state, people: new Map(people.map((person) => [person.participant, person])) };
  };
  expect(about(raised('participant'), 'self')).toBe('lowerHand rename');
  expect(about(raised('participant'))).toBe('write');
  expect(about(raised('cohost'))).toContain('lowerHand');
});
