import { describe, expect, test } from 'vitest';
import { readMeetingId, readSources, readView } from './read-request.ts';

const entry = { mid: '5', maxHeight: 0, maxFps: 0 };

describe('fields of a request', () => {
  test('view entries: fixed, auto, off; 0 is no limit', () => {
    const fixed = { participant: 'p1', kind: 'screen' };
    expect(
      readView([
        { ...entry, fixed, maxHeight: 720, source: 'fixed' },
        { ...entry, auto: true, source: 'auto' },
        { ...entry, off: true, source: 'off' },
      ]),
    ).toEqual([
      { mid: '5', source: fixed, maxHeight: 720, maxFps: undefined },
      { mid: '5', source: 'auto', maxHeight: undefined, maxFps: undefined },
      { mid: '5', source: 'off', maxHeight: undefined, maxFps: undefined },
    ]);
  });

  test.each([
    ['a kind that is none', () => readSources({ '0': 'kitchen' })],
    ['an empty id', () => readMeetingId('')],
    ['an id of 65', () => readMeetingId('1'.repeat(65))],
    ['an id with a slash', () => readMeetingId('a/b')],
    ['129 view entries', () => readView(Array.from({ length: 129 }, () => entry))],
    ['a fixed source of a bad kind', () => readView([{ ...entry, fixed: { participant: 'p', kind: 'x' } }])],
  ])('%s is refused', (_name, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'badMessage' }));
  });

  test('a source named __proto__ is a source', () => {
    expect(Object.entries(readSources(JSON.parse('{"__proto__":"camera"}')))).toEqual([['__proto__', 'camera']]);
  });
});
