import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hue, initials } from './avatar.ts';

describe('avatars', () => {
  test.each([
    ['Ada Lovelace', 'AL'],
    ['ada', 'A'],
    ['Johann Sebastian Bach', 'JB'],
    ['  Grace   Hopper ', 'GH'],
    ['Радия Перлман', 'РП'],
    ['"Tim" (guest)', 'TG'],
    ['李小龍', '李'],
    ['👩‍🔬', '👩‍🔬'],
    ['', ''],
  ])('the initials of %j are %j', (name, expected) => {
    expect(initials(name)).toBe(expected);
  });

  test('every name has a colour, always the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(hue(name)).toBeGreaterThanOrEqual(0);
        expect(hue(name)).toBeLessThan(8);
        expect(hue(name)).toBe(hue(name));
      }),
      { seed: 3_110 },
    );
  });
});
