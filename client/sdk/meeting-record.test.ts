import { describe, expect, test } from 'vitest';
import type { ChatEntry, MeetingChange, MeetingEntry, PersonEntry } from '../../proto/signalling.ts';
import { applyChanges, NO_RECORD, recordOf } from './meeting-record.ts';

const { settings } = NO_RECORD;
const PLAIN: MeetingEntry = { settings, people: [], waiting: [], spotlight: [], chat: [], rooms: [] };

function person(participant: string, more: Partial<PersonEntry> = {}): PersonEntry {
  return { participant, name: participant, role: 'participant', ...more };
}

function message(id: string, text = id): ChatEntry {
  return { id, from: 'ada', fromName: 'Ada', text, sentMs: 0 };
}

const written = (id: string): MeetingChange => ({ type: 'chat', message: message(id) });

describe('the record of a meeting', () => {
  test('each change replaces what was said of the same before', () => {
    const before = recordOf({ ...PLAIN, people: [person('ada', { role: 'host' })] }, NO_RECORD);
    const after = applyChanges(before, [
      { type: 'settings', settings: { ...settings, locked: true } },
      { type: 'person', person: person('bob', { hand: 7 }) },
      { type: 'person', person: person('bob', { hand: 9 }) },
      { type: 'waiting', entry: { participant: 'cat', name: 'Cat', sinceMs: 1 } },
      { type: 'waiting', entry: { participant: 'dan', name: 'Dan', sinceMs: 2 } },
      { type: 'notWaiting', participants: ['cat', 'nobody'] },
      { type: 'spotlight', spotlight: ['bob'] },
      { type: 'rooms', rooms: [{ room: '2', name: 'Two', assigned: ['bob'] }] },
    ]);
    expect(after.settings.locked).toBe(true);
    expect([...after.people.values()]).toEqual([person('ada', { role: 'host' }), person('bob', { hand: 9 })]);
    expect([...after.waiting.keys()]).toEqual(['dan']);
    expect([after.spotlight, after.rooms.map(({ name }) => name)]).toEqual([['bob'], ['Two']]);
    expect([...applyChanges(after, [{ type: 'plain', participants: ['bob'] }]).people.keys()]).toEqual(['ada']);
    // What was told before is as it was.
    expect([before.people.size, before.waiting.size, before.settings.locked]).toEqual([1, 0, false]);
  });

  test('a message is there once, also when it is told again', () => {
    const record = applyChanges(NO_RECORD, [written('1'), written('2'), written('1')]);
    expect(record.chat.map(({ id }) => id)).toEqual(['1', '2']);
  });

  test('what the server has forgotten of the chat is remembered, in front of what it tells', () => {
    const before = applyChanges(NO_RECORD, [written('1'), written('2')]);
    const after = recordOf({ ...PLAIN, chat: [message('2'), message('3')] }, before);
    expect(after.chat.map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  test('everything that is kept has a limit', () => {
    const chat = Array.from({ length: 700 }, (_, index) => written(`${index}`));
    const people = Array.from({ length: 4_100 }, (_, index) => person(`p${index}`));
    const waiting = Array.from({ length: 1_100 }, (_, index) => ({ participant: `w${index}`, name: 'W', sinceMs: 0 }));
    const record = applyChanges(recordOf({ ...PLAIN, people, waiting }, NO_RECORD), chat);
    expect([record.people.size, record.waiting.size, record.chat.length]).toEqual([4_000, 1_000, 500]);
    expect([record.chat[0]?.id, record.chat.at(-1)?.id]).toEqual(['200', '699']);
    expect([record.people.has('p99'), record.people.has('p100')]).toEqual([false, true]);
  });

  test('a change of a kind that is not known changes nothing', () => {
    const strange = { type: 'weather', weather: 'fine' } as unknown as MeetingChange; // of a newer server
    expect(applyChanges(NO_RECORD, [strange])).toEqual(NO_RECORD);
  });
});
