import { describe, expect, test } from 'vitest';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { type TreeRecord, treeRecord } from '../../global-controller/trees/zone-tree.ts';
import { linksOfZone } from './links-of-zone.ts';

const tree: TreeRecord = treeRecord.parse({
  version: 4,
  root: 'm',
  edges: [
    { zone: 'b', parent: 'm' },
    { zone: 'x', parent: 'm' },
    { zone: 'c', parent: 'b' },
  ],
});

/** `m: b< x<!`: of zone m, to its child b, which it awaits, and to its child x, which it calls; a parent is `>`. */
function links(own: string, listens: string, known = 'bcmx'): string {
  const { version, links: all } = linksOfZone(
    own as ZoneId,
    listens.includes(own),
    { value: tree, revision: 70 },
    (zone) => {
      const dials = !listens.includes(zone);
      const root = { router: `r-${zone}` as RouterId, address: dials ? '' : `${zone}:1`, worker: 2 };
      return known.includes(zone) ? { value: { root, epoch: 1, people: 1, dials }, revision: 7 } : undefined;
    },
  );
  expect(version).toBe(70);
  for (const link of all) expect(link).toMatchObject({ router: `r-${link.zone}`, worker: 2, version: 7 });
  return all.map(({ zone, isParent, calls }) => `${zone}${isParent ? '>' : '<'}${calls ? '!' : ''}`).join(' ');
}

describe('the links of a zone', () => {
  test('are the edges of the tree at it; the first by name calls, whoever is nearer to the root', () => {
    expect(['m', 'b', 'x', 'c', 'n'].map((own) => links(own, 'bcmx'))).toEqual(['b< x<!', 'm>! c<!', 'm>', 'b>', '']);
  });

  test('lead to who takes calls, from who does not', () => {
    expect(['m', 'b', 'x', 'c'].map((own) => links(own, 'm'))).toEqual(['b< x<', 'm>!', 'm>!', '']);
  });

  test('lead nowhere as long as nothing is known of the other end', () => {
    expect(['m', 'b'].map((own) => links(own, 'bcmx', 'bm'))).toEqual(['b<', 'm>!']);
  });

  test('are of the same mind at both ends', () => {
    for (const listens of ['bcmx', 'bm', 'mx', 'c', '']) {
      for (const [one, other] of ['mb', 'mx', 'bc'] as unknown as [string, string][]) {
        const [down, up] = [links(one, listens).match(`${other}<(!?)`), links(other, listens).match(`${one}>(!?)`)];
        expect([down === null, down?.[1] === '!']).toEqual([up === null, up !== null && up[1] !== '!']);
      }
    }
  });
});
