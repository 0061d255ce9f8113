import { expect, test } from 'vitest';
import type { RouterId, ZoneId } from '../../../common/ids.ts';
import {
  checkPlaces,
  type MeetingPlace,
  neighboursOf,
  type ZoneLink,
  zoneNeighboursOf,
  zoneOf,
} from './meeting-places.ts';

const place = (router: string, worker: number, parent?: number): MeetingPlace => ({
  router: router as RouterId,
  worker,
  address: `${router}:9800`,
  parent,
});
// r1/0 ─┬─ r1/1
//       └─ r2/0 ── r3/4
const TREE = [place('r1', 0), place('r1', 1, 0), place('r2', 0, 0), place('r3', 4, 2)];

const seen = (router: string) =>
  neighboursOf(TREE, router as RouterId).map(
    ({ worker, peer, relation }) => `${worker} ${relation} ${peer.router}/${peer.worker}`,
  );

test('each router sees the edges at its own workers, one between two of them from both ends', () => {
  expect(seen('r1')).toEqual(['1 parent r1/0', '0 child r1/1', '0 child r2/0']);
  expect(seen('r2')).toEqual(['0 parent r1/0', '0 child r3/4']);
  expect(seen('r3')).toEqual(['4 parent r2/0']);
  expect(seen('r4')).toEqual([]);
});

test('where a router is reached stands with its place', () => {
  expect(neighboursOf(TREE, 'r3' as RouterId)[0]?.address).toBe('r2:9800');
});

test('within a zone, the end that sorts first calls', () => {
  const calls = (router: string) => neighboursOf(TREE, router as RouterId).map((each) => each.calls);
  expect([calls('r1'), calls('r2'), calls('r3')]).toEqual([[false, true, true], [false, true], [false]]);
});

test('other zones are the neighbours of the root', () => {
  const link: ZoneLink = {
    zone: 'east' as ZoneId,
    version: 1,
    router: 'r1' as RouterId,
    worker: 3,
    address: 'r1.east:9702',
    relation: 'parent',
    calls: true,
  };
  const [neighbour, ...rest] = zoneNeighboursOf(TREE, 'r1' as RouterId, [link]);
  const peer = { router: 'east/r1', worker: 3 };
  expect([neighbour, rest]).toEqual([{ ...link, version: undefined, router: undefined, worker: 0, peer }, []]);
  expect([neighbour && zoneOf(neighbour.peer.router), zoneOf('r1' as RouterId)]).toEqual(['east', undefined]);
  expect(zoneNeighboursOf(TREE, 'r2' as RouterId, [link])).toEqual([]);
});

test.each([
  ['nothing', [], 'a meeting has a place'],
  ['a root with a parent', [place('r1', 0, 0)], 'root'],
  ['two roots', [place('r1', 0), place('r2', 0)], 'root'],
  ['a parent behind its child', [place('r1', 0), place('r2', 0, 2), place('r3', 0, 1)], 'before'],
  ['its own parent', [place('r1', 0), place('r2', 0, 1)], 'before'],
  ['a worker twice', [place('r1', 0), place('r1', 0, 0)], 'two places'],
] as [string, MeetingPlace[], string][])('%s is no tree', (_, places, words) => {
  expect(checkPlaces(places)).toContain(words);
});

test('a tree is one', () => {
  expect(checkPlaces(TREE)).toBeUndefined();
});
