import { expect, test } from 'vitest';
import { divideEvenly, shuffled } from './divide-people.ts';

test('rooms differ by one person at most, and nobody is left out', () => {
  for (const [count, rooms] of [
    [10, 3],
    [2, 5],
    [0, 2],
    [50, 50],
  ] as const) {
    const people = Array.from({ length: count }, (_, index) => `p${index}`);
    const divided = divideEvenly(people, rooms);
    const sizes = divided.map(({ length }) => length);
    expect(divided).toHaveLength(rooms);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(divided.flat().sort()).toEqual(people.sort());
  }
});

test('shuffling keeps everybody and moves the first to any place', () => {
  const items = ['a', 'b', 'c', 'd'];
  const places = new Set<number>();
  const values = [0, 0.3, 0.6, 0.99];
  for (const draws of values.flatMap((a) => values.flatMap((b) => values.map((c) => [a, b, c])))) {
    const result = shuffled(items, () => draws.shift() ?? 0);
    expect([...result].sort()).toEqual(items);
    places.add(result.indexOf('a'));
  }
  expect(places).toEqual(new Set([0, 1, 2, 3]));
});
