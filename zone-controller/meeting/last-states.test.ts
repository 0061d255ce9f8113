import { expect, test } from 'vitest';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { initialState, type MeetingState } from '../../mmr/control/state/meeting-state.ts';
import { writeState } from '../../mmr/control/state/state-wire.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import { LastStates } from './last-states.ts';
import { LiveMeetings } from './live-meetings.ts';

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

test('what a router said that hangs holds, unless another one has said more', () => {
  const [hanging, well] = ['a', 'b'] as RouterId[] as [RouterId, RouterId];
  const meetings = new LiveMeetings(
    () => false,
    () => 0,
  );
  const live = meetings.at(meeting);
  const start = () => meetings.startOf(live, planned, (router) => router === hanging);
  live.mirrorAt(hanging, 1).state.reset(writeState(state(5)));
  expect(start()).toMatchObject({ settings: { locked: true }, before: { version: 5 } });
  live.mirrorAt(well, 1);
  expect(start()).toHaveProperty('before');
  live.mirrorAt(well, 1).state.reset(writeState(state(6)));
  expect(start()).toBe(planned);
  live.close();
});
