import { expect, test } from 'vitest';
import type { MeetingId } from '../../common/ids.ts';
import { DEFAULT_SETTINGS, initialState, type MeetingState } from '../../mmr/control/state/meeting-state.ts';
import { LastStates } from './last-states.ts';

const [meeting, other] = ['12345678903', '10000000000'] as MeetingId[] as [MeetingId, MeetingId];
const planned = { settings: DEFAULT_SETTINGS };
const state = (version: number, more: Partial<MeetingState> = {}): MeetingState => ({
  ...initialState(planned, 't'),
  settings: { ...DEFAULT_SETTINGS, locked: true },
  version,
  ...more,
});

test('the newest that a lost router said, for a minute, and of its meeting alone', () => {
  let nowMs = 0;
  const last = new LastStates(() => nowMs);
  last.keep(meeting, state(5));
  last.keep(meeting, state(4, { settings: DEFAULT_SETTINGS }));
  expect(last.startOf(meeting, planned)).toMatchObject({ settings: { locked: true }, before: { version: 5 } });
  expect(last.startOf(other, planned)).toBe(planned);
  nowMs = 60_000;
  expect(last.startOf(meeting, planned)).toBe(planned);
});

test('a meeting that has ended does not go on', () => {
  const last = new LastStates(() => 0);
  last.keep(meeting, state(5, { ended: true }));
  expect(last.startOf(meeting, planned)).toBe(planned);
});
