import { expect, test } from 'vitest';
import { changedDates } from './meeting-dates.ts';

const timeZone = 'Europe/Berlin';
const [MONDAY, TUESDAY] = ['2030-04-01T09:30:00+02:00', '2030-04-02T15:00:00+02:00'];

test.each([
  ['left out', [], [], [MONDAY], [], [MONDAY], []],
  ['added', [], [], [], [TUESDAY], [], [TUESDAY]],
  ['moved', [], [], [MONDAY], [TUESDAY], [MONDAY], [TUESDAY]],
  ['there again', [MONDAY], [TUESDAY], [], ['2030-04-01T09:30'], [], [TUESDAY]],
  ['not added any more', [MONDAY], [TUESDAY], ['2030-04-02T13:00Z'], [], [MONDAY], []],
  ['as it was', [MONDAY], [TUESDAY], ['2030-04-01T09:30'], ['2030-04-02T15:00'], [MONDAY], [TUESDAY]],
])('%s', (_, exclude, include, out, more, left, added) => {
  const changed = changedDates({ exclude, include, timeZone }, { exclude: out, include: more });
  expect(changed).toEqual({ exclude: left, include: added });
});

test('what is no time is refused in words', () => {
  const before = { exclude: [], include: [], timeZone };
  expect(() => changedDates(before, { exclude: ['monday'], include: [] })).toThrow('"monday" is no time');
});
