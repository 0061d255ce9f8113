import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AssignableSlot, assignSlots } from './slot-assignment.ts';

type Wish = AssignableSlot<string>['wish'];

function assign(
  wishes: readonly Wish[],
  current: readonly (string | undefined)[],
  ranked: readonly string[],
  present = ranked,
) {
  const slots = wishes.map((wish, i) => ({ wish, current: current[i] }));
  return assignSlots(slots, {
    ranked,
    isSame: (one, other) => one.split('/')[0] === other.split('/')[0],
    allows: (name) => name !== 'own',
    fixed: ({ participant }) => (present.includes(participant) ? participant : undefined),
  });
}

const fixed = (participant: string): Wish => ({ participant, kind: 'camera' });

describe('assigning sources to slots', () => {
  test.each<
    [string, readonly Wish[], readonly (string | undefined)[], readonly string[], readonly (string | undefined)[]]
  >([
    ['fills in order', ['auto', 'auto'], [], ['a', 'b', 'c'], ['a', 'b']],
    ['never one’s own', ['auto', 'auto'], [], ['own', 'a'], ['a', undefined]],
    ['leaves the rest empty', ['auto', 'auto'], [], ['a'], ['a', undefined]],
    ['keeps what is still wanted where it is', ['auto', 'auto'], ['b', 'a'], ['a', 'b'], ['b', 'a']],
    ['gives the place of the one that fell out', ['auto', 'auto'], ['a', 'b'], ['c', 'a', 'b'], ['a', 'c']],
    [
      'what takes its place is where it was',
      ['auto', 'auto', 'auto'],
      [undefined, 'a', 'b'],
      ['b/2', 'a'],
      [undefined, 'a', 'b/2'],
    ],
    ['off stays empty', ['off', 'auto'], ['a', undefined], ['a', 'b'], [undefined, 'a']],
    ['a fixed source is not shown twice', [fixed('a'), 'auto'], [], ['a', 'b'], ['a', 'b']],
    ['a fixed source moves out of an automatic slot', ['auto', fixed('a')], ['a', undefined], ['a', 'b'], ['b', 'a']],
    ['a fixed source that is not there leaves its slot empty', [fixed('z'), 'auto'], [], ['a'], [undefined, 'a']],
    ['one source may be fixed twice', [fixed('a'), fixed('a')], [], ['a'], ['a', 'a']],
  ])('%s', (_name, wishes, current, ranked, expected) => {
    expect(assign(wishes, current, ranked)).toEqual(expected);
  });

  test('nothing twice in automatic slots, the most important are there, and what stays does not move', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const scene = fc.record({
      wishes: fc.array(fc.constantFrom<Wish>('auto', 'auto', 'off', fixed('a'), fixed('q')), { maxLength: 6 }),
      current: fc.shuffledSubarray(names),
      ranked: fc.shuffledSubarray(names),
    });
    fc.assert(
      fc.property(scene, ({ wishes, current, ranked }) => {
        const result = assign(wishes, current, ranked);
        const shown = wishes.flatMap((wish, i) => (wish === 'auto' && result[i] !== undefined ? [result[i]] : []));
        const fixedOnes = result.filter((_, i) => typeof wishes[i] === 'object');
        const automatic = wishes.filter((wish) => wish === 'auto').length;
        const wanted = ranked.filter((name) => !fixedOnes.includes(name)).slice(0, automatic);
        expect(shown.toSorted()).toEqual(wanted.toSorted());
        wishes.forEach((wish, i) => {
          const before = current[i];
          if (wish === 'auto' && before !== undefined && wanted.includes(before)) expect(result[i]).toBe(before);
        });
        // Assigning again changes nothing.
        expect(assign(wishes, result, ranked)).toEqual(result);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
