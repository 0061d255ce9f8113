import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RouterId, ZoneId } from '../../../common/ids.ts';
import type { ZoneLink } from './meeting-places.ts';
import { mergeZoneLinks, type ZoneLinks } from './zone-links.ts';

const SEED = 8;
const NONE: ZoneLinks = { version: 0, links: [] };

/** `b3`: the place in zone b, as it was at its third version. */
function link(text: string): ZoneLink {
  const [zone = '', version] = [text[0], Number(text.slice(1))];
  const at = { router: `r${version}` as RouterId, worker: 0, address: `${text}:1` };
  return { zone: zone as ZoneId, version, ...at, relation: 'child', calls: true };
}
const told = (version: number, ...links: string[]): ZoneLinks => ({ version, links: links.map(link) });
const merged = (...all: ZoneLinks[]): string => {
  const { version, links } = all.reduce(mergeZoneLinks, NONE);
  return `${version}: ${links
    .map(({ zone, version: each }) => `${zone}${each}`)
    .sort()
    .join(' ')}`;
};

describe('links to other zones', () => {
  test.each([
    ['a later tree replaces all', [told(1, 'b1', 'c1'), told(2, 'b1')], '2: b1'],
    ['an earlier one counts for nothing', [told(2, 'b1'), told(1, 'b9', 'c9')], '2: b1'],
    ['under one tree the later place of each zone holds', [told(3, 'b5', 'c1'), told(3, 'b4', 'c2')], '3: b5 c2'],
    ['who knows nothing of a zone yet takes nothing away', [told(3, 'b5', 'c1'), told(3, 'c2')], '3: b5 c2'],
    ['no zones any more', [told(3, 'b5'), told(4)], '4: '],
  ])('%s', (_, all, expected) => expect(merged(...all)).toBe(expected));

  test('what is told again is nothing new', () => {
    const before = told(3, 'b5', 'c1');
    for (const again of [before, told(3, 'b5'), told(3), told(2, 'd1')])
      expect(mergeZoneLinks(before, again)).toBe(before);
  });

  test('controllers that know different parts of the same come to the same, in whatever order', () => {
    const word = fc
      .record({ b: fc.nat(3), c: fc.nat(3) })
      .map(({ b, c }) => told(1, ...(b ? [`b${b}`] : []), ...(c ? [`c${c}`] : [])));
    fc.assert(
      fc.property(
        fc
          .array(word, { minLength: 1, maxLength: 6 })
          .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(merged(...shuffled)).toBe(merged(...all));
        },
      ),
      { seed: SEED },
    );
  });
});
