import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hash32 } from './hash.ts';
import { BANDS, bandOf, LoadBands } from './load-bands.ts';

test.each([
  [0, 0],
  [0.0001, 1],
  [0.5, BANDS / 2],
  [0.999, BANDS],
  [1, BANDS],
  [17, BANDS],
])('a load of %d is in band %d', (load, band) => {
  expect(bandOf(load)).toBe(band);
});

test('finds the next band with members, and counts those above, whatever comes and goes', () => {
  const changes = fc.array(fc.record({ id: fc.nat(9), band: fc.nat(BANDS) }), { maxLength: 40 });
  fc.assert(
    fc.property(changes, fc.nat(BANDS), (all, from) => {
      const bands = new LoadBands<{ id: string; hash: number }>();
      const model = new Map<string, { member: { id: string; hash: number }; band: number }>();
      for (const { id, band } of all) {
        const known = model.get(`${id}`);
        if (known !== undefined) bands.delete(known.member, known.band);
        const member = { id: `${id}`, hash: hash32(`${id}`) };
        model.set(member.id, { member, band });
        bands.add(member, band);
        const lowest = Math.min(...[...model.values()].map((each) => each.band));
        expect(bands.next(0)).toBe(lowest);
      }
      const taken = [...model.values()].map(({ band }) => band);
      const next = Math.min(BANDS + 1, ...taken.filter((band) => band >= from));
      expect(bands.next(from)).toBe(next);
      expect(bands.countAbove(from)).toBe(taken.filter((band) => band > from).length);
      expect(bands.size).toBe(taken.length);
    }),
    { seed: 5 },
  );
});
