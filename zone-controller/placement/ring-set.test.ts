import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hash32 } from './hash.ts';
import { type RingMember, RingSet } from './ring-set.ts';

/** Some are alike, some in one cell, some at the ends. */
const hashes = fc.oneof(
  fc.nat(2 ** 32 - 1),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1),
  fc.nat(20).map((cell) => cell * 2 ** 22),
);
const members = fc.uniqueArray(fc.record({ id: fc.string({ maxLength: 3 }), hash: hashes }), {
  selector: ({ id }) => id,
  maxLength: 60,
});

function sorted(all: readonly RingMember[]): RingMember[] {
  return all.toSorted((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1));
}

test('gives all members once round, in one order, however they came and went', () => {
  fc.assert(
    fc.property(members, fc.func(fc.boolean()), hashes, (all, stays, start) => {
      const ring = new RingSet<RingMember>();
      for (const member of all) ring.add(member);
      for (const member of all) if (!stays(member.id)) ring.delete(member);
      const left = sorted(all.filter(({ id }) => stays(id)));
      const expected = [...left.filter(({ hash }) => hash >= start), ...left.filter(({ hash }) => hash < start)];
      expect([...ring.from(start)]).toEqual(expected);
      expect(ring.size).toBe(left.length);
    }),
    { seed: 3 },
  );
});

test('the hash spreads names that hardly differ over all cells alike', () => {
  const counts = new Map<number, number>();
  for (let index = 0; index < 64_000; index++) {
    const cell = hash32(`router-${index}`) >>> 26;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  expect(counts.size).toBe(64);
  expect(Math.min(...counts.values())).toBeGreaterThan(850);
  expect(Math.max(...counts.values())).toBeLessThan(1_150);
});
