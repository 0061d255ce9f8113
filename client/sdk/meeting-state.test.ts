import { describe, expect, test } from 'vitest';
import type { RosterEntry, ServerMessage, SlotEntry } from '../../proto/signalling.ts';
import { MeetingState } from './meeting-state.ts';
import { PLAIN } from './testing/meeting-lab.ts';

const entry = (participant: string, name = participant): RosterEntry => ({
  participant,
  name,
  live: ['microphone', 'camera'],
  connected: true,
});

function resumed(roster: RosterEntry[], slots: SlotEntry[] = []): Extract<ServerMessage, { type: 'resumed' }> {
  const self = { participant: 'me', session: 's' };
  return { type: 'resumed', id: 1, self, state: PLAIN, roster, slots, speakers: ['ada'], controllers: [] };
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
    state.reset(resumed([entry('ada'), entry('bob')]));
    const change = state.reset(resumed([entry('ada'), entry('cid')]));
    expect(names(change.joined)).toEqual(['cid']);
    expect(names(change.left)).toEqual(['bob']);
    expect(state.speakers).toEqual(['ada']);
  });
});
