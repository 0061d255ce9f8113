import { describe, expect, test } from 'vitest';
import { explainMeetingId, formatMeetingId, normalizeMeetingId } from './meeting-id.ts';

describe('meeting ids', () => {
  test.each([
    ['12345678901', '123 4567 8901'],
    ['123 4567 8901', '123 4567 8901'],
    ['123-4567-8901', '123 4567 8901'],
    ['1234', '1234'],
    ['', ''],
    ['abc 4567 8901', 'abc 4567 8901'],
  ])('%j is shown as %j', (id, shown) => {
    expect(formatMeetingId(id)).toBe(shown);
  });

  test.each(['12345678901', '123 4567 8901', ' 123\u00A04567\u202F8901\n', '123-4567-8901', '123.4567.8901'])(
    '%j means the same meeting',
    (text) => {
      expect(normalizeMeetingId(text)).toBe('12345678901');
      expect(explainMeetingId(text)).toBeUndefined();
    },
  );

  test.each([
    ['', 'Enter the meeting ID.'],
    ['  ', 'Enter the meeting ID.'],
    ['123 4567 890', 'A meeting ID has 11 digits; this one has 10.'],
    ['123 4567 89012', 'A meeting ID has 11 digits; this one has 12.'],
    ['team-call', 'A meeting ID has 11 digits and nothing else.'],
  ])('%j is explained: %s', (text, words) => {
    expect(explainMeetingId(text)).toBe(words);
  });
});
