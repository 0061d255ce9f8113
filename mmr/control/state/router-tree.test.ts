import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RouterId, ZoneId } from '../../../common/ids.ts';
import type { MeetingPlace } from '../cascade/meeting-places.ts';
import { routerTree, worldTree } from './router-tree.ts';

const place = (router: string, worker: number, parent?: number): MeetingPlace => ({
  router: router as RouterId,
  worker,
  address: 'host:1',
  parent,
});
const tree = (places: readonly MeetingPlace[], router: string) => routerTree(places, router as RouterId);

test('a router with several places has the parent of the one nearest to the root', () => {
  const places = [
    place('a', 0),
    place('b', 0, 0),
    place('a', 1, 1),
    place('c', 0, 2),
    place('b', 1, 3),
    place('a', 2, 0),
  ];
  expect(tree(places, 'a')).toEqual({ parent: undefined, children: ['b', 'c'] });
  expect(tree(places, 'b')).toEqual({ parent: 'a', children: [] });
  expect(tree(places, 'c')).toEqual({ parent: 'a', children: [] });
});

test('routers of other zones are next to the root, and to no other', () => {
  const places = [place('a', 0), place('b', 0, 0)];
  const beyond = { version: 1, router: 'a' as RouterId, worker: 0, address: '', calls: true };
  const links = [
    { ...beyond, zone: 'up' as ZoneId, relation: 'parent' as const },
    { ...beyond, zone: 'down' as ZoneId, relation: 'child' as const },
  ];
  expect(worldTree(places, links, 'a' as RouterId)).toEqual({ parent: 'up/a', children: ['b', 'down/a'] });
  expect(worldTree(places, links, 'b' as RouterId)).toEqual({ parent: 'a', children: [] });
});

test('whatever the places: one tree of all routers', () => {
  const picks = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat()), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(picks, (chosen) => {
      const places = chosen.map(([router, parent], i) => place(`r${router}`, i, i === 0 ? undefined : parent % i));
      const routers = [...new Set(places.map(({ router }) => router))];
      for (const router of routers) {
        const { parent, children } = tree(places, router);
        expect(parent === undefined).toBe(router === places[0]?.router);
        if (parent !== undefined) expect(tree(places, parent).children).toContain(router);
        for (const child of children) expect(tree(places, child).parent).toBe(router);
        let steps = 0;
        for (let at: RouterId | undefined = router; at !== undefined; at = tree(places, at).parent) {
          expect(++steps).toBeLessThanOrEqual(routers.length);
        }
      }
    }),
  );
});
