import { expect, test } from 'vitest';
import type { ZoneId } from '../../../../common/ids.ts';
import { oneZoneTraffic, starTraffic, treeTraffic } from './wide-traffic.ts';

const [A, B, C] = ['a', 'b', 'c'] as [ZoneId, ZoneId, ZoneId];
/** One person: a voice of 50 kb/s and a picture of 1 Mb/s. */
const PERSON = 1_050_000;
/** On a line: a and b are near each other, c is far from both. */
const AT = new Map([
  [A, 0],
  [B, 100],
  [C, 5_000],
]);
const km = (one: ZoneId, other: ZoneId): number => Math.abs((AT.get(one) ?? 0) - (AT.get(other) ?? 0));

test('a person in each of two zones: each stream crosses once, whatever the topology', () => {
  const people = new Map([
    [A, 1],
    [B, 1],
  ]);
  const both = { bps: 2 * PERSON, bpsKm: 2 * PERSON * 100 };
  expect(treeTraffic({ root: A, edges: [{ zone: B, parent: A }] }, people, km)).toEqual(both);
  expect(starTraffic(people, km)).toEqual(both);
  expect(oneZoneTraffic(A, people, km)).toEqual(both);
});

test('a tree crosses the ocean once for both zones beyond it', () => {
  const people = new Map([
    [A, 1],
    [B, 1],
    [C, 1],
  ]);
  const edges = [
    { zone: B, parent: A },
    { zone: C, parent: B },
  ];
  const [tree, star] = [treeTraffic({ root: A, edges }, people, km), starTraffic(people, km)];
  // Over each edge of the tree three streams; in the star each of three streams to two zones.
  expect(tree.bps).toBeCloseTo(6 * PERSON, 0);
  expect(star.bps).toBeCloseTo(6 * PERSON, 0);
  expect(tree.bpsKm).toBeCloseTo(3 * PERSON * (100 + 4_900), 0);
  expect(star.bpsKm).toBeCloseTo(2 * PERSON * (100 + 4_900 + 5_000), 0);
});

test('without a tree each of many people beyond the ocean has streams of his own', () => {
  const people = new Map([
    [A, 2],
    [C, 40],
  ]);
  const edges = [{ zone: C, parent: A }];
  // 40 people are sent all that two send, once.
  const tree = treeTraffic({ root: A, edges }, people, km).bps;
  // Each of 40 sends his, and is sent 12 pictures and 3 voices.
  expect(oneZoneTraffic(A, people, km).bps).toBeCloseTo(40 * (PERSON + 12_150_000), 0);
  expect(tree).toBeCloseTo(2 * PERSON + 12_150_000, 0);
});
