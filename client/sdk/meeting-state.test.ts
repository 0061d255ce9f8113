import { describe, expect, test } from 'vitest';
import type { RosterEntry, ServerMessage, SlotEntry } from '../../proto/signalling.ts';
import { MeetingState } from './meeting-state.ts';

const entry = (participant: string, name = participant): RosterEntry => ({
  participant,
  name,
  live: ['microphone', 'camera'],
  connected: true,
});

function resumed(roster: RosterEntry[], slots: SlotEntry[] = []): Extract<ServerMessage, { type: 'resumed' }> {
  return { type: 'resumed', id: 1, self: { participant: 'me', session: 's' }, roster, slots, speakers: ['ada'] };
}

const names = (entries: RosterEntry[]) => entries.map(({ participant }) => participant);

describe('meeting state', () => {
  test('tells arrivals, changes and departures apart', () => {
    const state = new MeetingState();
    expect(names(state.applyRoster([entry('ada'), entry('bob')], []).joined)).toEqual(['ada', 'bob']);
    const change = state.applyRoster([{ ...entry('ada'), live: [] }, entry('cid')], ['bob', 'nobody']);
    expect(names(change.joined)).toEqual(['cid']);
    expect(names(change.changed)).toEqual(['ada']);
    expect(names(change.left)).toEqual(['bob']);
    expect([...state.roster.keys()]).toEqual(['ada', 'cid']);
  });

  test('what happened while the socket was away comes out as one change', () => {
    const state = new MeetingState();
    state.reset(resumed([entry('ada'), entry('bob')], [{ mid: '6', participant: 'bob', kind: 'camera' }]));
    const change = state.reset(
      resumed([entry('ada'), entry('cid')], [{ mid: '6', participant: 'cid', kind: 'camera' }]),
    );
    expect(names(change.joined)).toEqual(['cid']);
    expect(names(change.left)).toEqual(['bob']);
    expect(state.slotOf('cid', 'camera')).toBe('6');
    expect(state.slotOf('bob', 'camera')).toBeUndefined();
    expect(state.speakers).toEqual(['ada']);
  });

  test('who leaves is in no slot any more, even before the server says so', () => {
    const state = new MeetingState();
    state.reset(resumed([entry('ada')], [{ mid: '6', participant: 'ada', kind: 'camera' }]));
    state.applyRoster([], ['ada']);
    expect(state.slots.size).toBe(0);
  });

  test.each([
    ['without participant', { mid: '6' }],
    ['with an empty one', { mid: '6', participant: '', kind: 'camera' }],
  ] as [string, SlotEntry][])('a slot %s is empty', (_, slot) => {
    const state = new MeetingState();
    state.applySlots([{ mid: '6', participant: 'ada', kind: 'camera' }]);
    state.applySlots([slot]);
    expect(state.slotOf('ada', 'camera')).toBeUndefined();
  });

  test('a source that moves to another slot is found there', () => {
    const state = new MeetingState();
    state.applySlots([{ mid: '6', participant: 'ada', kind: 'camera' }]);
    state.applySlots([
      { mid: '6', participant: 'ada', kind: 'screen' },
      { mid: '7', participant: 'ada', kind: 'camera' },
    ]);
    expect(state.slotOf('ada', 'camera')).toBe('7');
    expect(state.slotOf('ada', 'screen')).toBe('6');
  });
});
