import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PictureNumbers } from './picture-numbers.ts';

/** Pictures in order, of which some are kept. */
function number(pictures: readonly [id: number, keep: boolean][], bits = 15): number[] {
  const numbers = new PictureNumbers();
  return pictures.map(([id, keep]) => numbers.number(id, bits, keep));
}

describe('ids of pictures', () => {
  test.each<[string, [number, boolean][], number[]]>([
    [
      'all kept',
      [
        [5, true],
        [6, true],
        [7, true],
      ],
      [5, 6, 7],
    ],
    [
      'one left out',
      [
        [5, true],
        [6, false],
        [7, true],
        [8, true],
      ],
      [5, -1, 6, 7],
    ],
    [
      'several packets of one picture have one answer',
      [
        [5, true],
        [6, false],
        [6, true],
        [7, true],
        [7, false],
      ],
      [5, -1, -1, 6, 6],
    ],
    [
      'pictures that never came keep their ids',
      [
        [5, true],
        [8, true],
        [9, false],
        [10, true],
      ],
      [5, 8, -1, 9],
    ],
    [
      'a late one of those comes under its id',
      [
        [5, true],
        [8, true],
        [7, false],
        [6, true],
      ],
      [5, 8, 7, 6],
    ],
    [
      'over the wrap-around',
      [
        [32_766, true],
        [32_767, false],
        [0, true],
        [1, true],
      ],
      [32_766, -1, 32_767, 0],
    ],
    [
      'a jump back goes on with the next',
      [
        [9000, true],
        [9001, false],
        [9002, true],
        [17, true],
        [18, true],
      ],
      [9000, -1, 9001, 9002, 9003],
    ],
  ])('%s', (_, pictures, expected) => {
    expect(number(pictures)).toEqual(expected);
  });

  test('7 bits wrap at 128', () => {
    expect(
      number(
        [
          [126, true],
          [127, false],
          [0, true],
          [1, true],
        ],
        7,
      ),
    ).toEqual([126, -1, 127, 0]);
  });

  test('in order, kept ones are numbered without a hole, whatever is left out', () => {
    fc.assert(
      fc.property(fc.nat(32_767), fc.array(fc.boolean(), { maxLength: 3000 }), (first, keeps) => {
        const out = number([
          [first, true],
          ...keeps.map((keep, i): [number, boolean] => [(first + 1 + i) & 0x7fff, keep]),
        ]);
        const kept = out.filter((id) => id >= 0);
        expect(kept).toEqual(kept.map((_, i) => (first + i) & 0x7fff));
      }),
      { seed: 8, numRuns: 100 },
    );
  });
});
