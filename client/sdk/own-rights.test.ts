import { expect, test } from 'vitest';
import type { MeetingSettings } from '../../proto/meeting-settings.ts';
import type { PersonEntry, Role } from '../../proto/signalling.ts';
import { type MeetingRecord, NO_RECORD } from './meeting-record.ts';
import { chatReach, forbidsTurningOn, isAbove } from './own-rights.ts';

function record(settings: Partial<MeetingSettings>, self: Partial<PersonEntry> = {}): MeetingRecord {
  const person: PersonEntry = { participant: 'self', name: 'Self', role: 'participant', ...self };
  return { ...NO_RECORD, settings: { ...NO_RECORD.settings, ...settings }, people: new Map([['self', person]]) };
}

test.each([
  ['microphone', record({}), true],
  ['microphone', record({ unmuteSelf: false }), false],
  ['microphone', record({ unmuteSelf: false }, { mayUnmute: true }), true],
  ['microphone', record({ unmuteSelf: false }, { role: 'cohost' }), true],
  ['camera', record({}, { videoStopped: true }), false],
  ['camera', record({ unmuteSelf: false, shareBy: 'host' }), true],
  ['screen', record({ shareBy: 'host' }), false],
  ['screen', record({ shareBy: 'host' }, { role: 'host' }), true],
  ['screen', NO_RECORD, true],
] as const)('turning on the %s', (source, state, isAllowed) => {
  expect(forbidsTurningOn(state, 'self', source) === undefined).toBe(isAllowed);
});

test('orders go to those of a lower role', () => {
  const roles: Role[] = ['host', 'cohost', 'participant'];
  const people = new Map(roles.map((role) => [role, { participant: role, name: role, role }]));
  const above = roles.map((a) => roles.filter((b) => isAbove({ ...NO_RECORD, people }, a, b)));
  expect(above).toEqual([['cohost', 'participant'], ['participant'], []]);
});

test('hosts may write whatever the setting says', () => {
  expect(chatReach(record({ chat: 'off' }), 'self')).toBe('off');
  expect(chatReach(record({ chat: 'host' }), 'self')).toBe('host');
  expect(chatReach(record({ chat: 'off' }, { role: 'cohost' }), 'self')).toBe('all');
});
