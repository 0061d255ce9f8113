import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDigit, parseMeetingId, randomMeetingId } from './meeting-id.ts';

const SEED = 42;
const digits = fc.stringMatching(/^[1-9]\d{9}$/).map((text) => `${text}${checkDigit(text)}`);

describe('meeting ids', () => {
  test('the published example', () => {
    expect(checkDigit('572')).toBe('4');
    expect(checkDigit('5724')).toBe('0');
  });

  test('random ids are valid: 11 digits, no leading zero', () => {
    for (let count = 0; count < 1_000; count++) {
      const id = randomMeetingId();
      expect(id).toMatch(/^[1-9]\d{10}$/);
      expect(parseMeetingId(id)).toBe(id);
    }
  });

  test('every single wrong digit is noticed', () => {
    fc.assert(
      fc.property(digits, fc.nat(10), fc.integer({ min: 1, max: 9 }), (id, position, offset) => {
        const wrong = String((Number(id[position]) + offset) % 10);
        expect(parseMeetingId(id.slice(0, position) + wrong + id.slice(position + 1))).toBeUndefined();
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  test('every swap of two neighbours is noticed', () => {
    fc.assert(
      fc.property(digits, fc.nat(9), (id, position) => {
        const [a = '', b = ''] = [id[position], id[position + 1]];
        fc.pre(a !== b);
        expect(parseMeetingId(id.slice(0, position) + b + a + id.slice(position + 2))).toBeUndefined();
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  test.each([
    '',
    '1234567890',
    '123456789012',
    '0'.repeat(11),
    '1234567890a',
    ' 12345678901',
    '１２３４５６７８９０１',
  ])('%j is no id', (text) => {
    expect(parseMeetingId(text)).toBeUndefined();
  });
});
