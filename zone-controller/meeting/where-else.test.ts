import { describe, expect, test } from 'vitest';
import { WhereElse } from './where-else.ts';

const OWN = ['a', 'b', 'c', 'd', 'e', 'f'];
const ZONES = [['x1', 'x2', 'x3'], ['y1']];

/** Numerical Recipes, section 7.1. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('where a client may go', () => {
  test('some of the own zone, then some of each other, the best zone first; not to the same ones for everybody', () => {
    const random = randomFrom(7);
    const whereElse = new WhereElse({ own: () => OWN, zones: () => ZONES, random });
    const first = new Map(OWN.map((url) => [url, 0]));
    for (let client = 0; client < 1_200; client++) {
      const drawn = whereElse.draw();
      expect(drawn).toHaveLength(6);
      expect(new Set(drawn).size).toBe(6);
      expect(drawn.map((url) => (OWN.includes(url) ? 'own' : url[0]))).toEqual(['own', 'own', 'own', 'x', 'x', 'y']);
      first.set(drawn[0] ?? '', (first.get(drawn[0] ?? '') ?? 0) + 1);
    }
    // 200 each are expected, with a standard deviation of 13.
    for (const count of first.values()) expect(Math.abs(count - 200)).toBeLessThan(52);
  });

  test('all of a small zone; nothing when there is nothing', () => {
    const whereElse = new WhereElse({ own: () => ['a', 'b'], zones: () => [] });
    expect(whereElse.draw().sort()).toEqual(['a', 'b']);
    expect(new WhereElse({ own: () => [], zones: () => [] }).draw()).toEqual([]);
  });

  test('is said again when there are others, or other zones are the best; not for another order of the same', () => {
    let [own, zones] = [['a', 'b'], ZONES];
    const whereElse = new WhereElse({ own: () => own, zones: () => zones });
    const { version } = whereElse;
    own = ['b', 'a'];
    expect(whereElse.version).toBe(version);
    zones = ZONES.toReversed();
    expect(whereElse.version).not.toBe(version);
    zones = ZONES;
    own = ['b', 'a', 'c'];
    expect(whereElse.version).not.toBe(version);
  });
});
