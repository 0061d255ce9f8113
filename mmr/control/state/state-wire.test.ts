import { describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../../proto/meeting-settings.ts';
import { apply } from './apply.ts';
import { initialState, type MeetingState } from './meeting-state.ts';
import { readChanged, readStart, readState, withChanged, writeChanged, writeStart, writeState } from './state-wire.ts';

const ann = 'ann' as ParticipantId;
const router = 'r1' as RouterId;

/** With one of everything. */
function full(): MeetingState {
  let state = initialState({ settings: { ...DEFAULT_SETTINGS, waitingRoom: true }, main: '1' as MeetingId }, 't');
  const context = (actor: 'router' | 'operator' | { participant: ParticipantId }) => ({
    id: `x.${state.version}`,
    actor,
    unixMs: 5,
    stamp: { term: 't', version: state.version + 1 },
  });
  const newcomer = { type: 'join', router, returning: false, controller: 'c' } as const;
  for (const [actor, act] of [
    ['router', { ...newcomer, participant: ann, name: 'Ann', role: 'host' }],
    ['router', { ...newcomer, participant: 'dan' as ParticipantId, name: 'Dan', role: 'participant' }],
    [{ participant: ann }, { type: 'chat', text: 'Hello\nall' }],
    [{ participant: ann }, { type: 'raiseHand' }],
    ['operator', { type: 'spotlight', participant: ann }],
  ] as const) {
    const outcome = apply(state, act, context(actor));
    if ('refusal' in outcome) throw new Error(outcome.refusal.message);
    state = outcome.state;
  }
  return state;
}

describe('a state for controllers', () => {
  test('is read as it was written', () => {
    expect(readState(writeState(full()))).toEqual(full());
  });

  test('what happens to it leads to the same state; what is missing is noticed', () => {
    const state = full();
    const stamp = { term: 'u', version: state.version + 1 };
    const context = { id: 'y', actor: 'operator', unixMs: 9, stamp } as const;
    const outcome = apply(state, { type: 'admitAll' }, context);
    if ('refusal' in outcome) throw new Error(outcome.refusal.message);
    const told = readChanged(writeChanged({ ...outcome, ...stamp }));
    if (told === undefined) throw new Error('not read');
    expect(told.notices).toMatchObject([{ type: 'admitted', participant: 'dan' }]);
    expect(withChanged(state, told)).toEqual(outcome.state);
    expect(withChanged({ ...state, version: state.version - 1 }, told)).toBeUndefined();
    expect(withChanged(outcome.state, told)).toBeUndefined();
  });

  test('notices alone leave it as it is', () => {
    const state = full();
    const told = readChanged(writeChanged({ ...state, changes: [], notices: [{ type: 'muteAll' }] }));
    expect(told && withChanged(state, told)).toBe(state);
  });

  test('what is none is not read', () => {
    const written = JSON.parse(writeState(full()));
    for (const wrong of [
      '',
      '{',
      'null',
      '[]',
      ...[{ people: {} }, { version: -1 }, { settings: {} }, { removed: ['a', 'a'] }, { ended: 'no' }].map((part) =>
        JSON.stringify({ ...written, ...part }),
      ),
    ]) {
      expect([wrong, readState(wrong)]).toEqual([wrong, undefined]);
    }
    expect(readChanged('{"term":"t","version":1,"changes":[{"type":"explode"}],"notices":[]}')).toBeUndefined();
  });
});

test('a start: settings that are not said are as by default', () => {
  const start = { settings: { ...DEFAULT_SETTINGS, chat: 'off' as const }, main: '1' as MeetingId };
  expect(readStart(writeStart(start))).toEqual(start);
  expect(readStart('{"settings":{"locked":true}}')).toEqual({ settings: { ...DEFAULT_SETTINGS, locked: true } });
  expect(readStart('{}')).toEqual({ settings: DEFAULT_SETTINGS });
  for (const wrong of ['', '[', 'null', '7', '{"settings":{"chat":"loud"}}', '{"main":7}']) {
    expect([wrong, readStart(wrong)]).toEqual([wrong, undefined]);
  }
});
