import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RouterId } from '../../common/ids.ts';
import {
  branchesAt,
  depthOf,
  peopleIn,
  withBranch,
  withoutPlaces,
  withPeople,
  withPlaceMoved,
} from './meeting-tree.ts';
import { anyTree, isSound, router, treeOf } from './placement-lab.ts';

const routers = Array.from({ length: 6 }, (_, index) => router(`r${index}`, [0, 0]));

test('without lost places, a tree is sound, keeps everybody else, and nothing gets deeper', () => {
  fc.assert(
    fc.property(anyTree(routers), fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (tree, keep) => {
      const left = withoutPlaces(tree, (_, index) => keep[index] === true, 9);
      const kept = tree.places.filter((_, index) => keep[index]);
      expect(left === undefined).toBe(kept.length === 0);
      if (left === undefined) return;
      expect(isSound(left)).toBe(true);
      expect(left.places).toHaveLength(kept.length);
      if (keep[0]) expect(left.places[0]).toEqual(tree.places[0]);
      for (const [index, place] of left.places.entries()) {
        const old = tree.places.findIndex((each) => each.router === place.router && each.worker === place.worker);
        expect(keep[old]).toBe(true);
        expect(place.people).toBe(tree.places[old]?.people);
        expect(depthOf(left, index)).toBeLessThanOrEqual(depthOf(tree, old));
      }
    }),
    { seed: 1 },
  );
});

test('when the root is lost, the fullest of its branches takes its place', () => {
  const tree = treeOf(['a', 0, 9], ['b', 0, 3], ['c', 0, 5], ['d', 0, 99, 1]);
  const left = withoutPlaces(tree, (_, index) => index !== 0, 0);
  expect(left?.places.map(({ router: id, parent }) => [id, parent])).toEqual([
    ['c', undefined],
    ['b', 0],
    ['d', 1],
  ]);
});

test('people come and go, branches are added, places move', () => {
  const tree = treeOf(['a', 0, 9], ['b', 0, 3]);
  expect(peopleIn(withPeople(tree, 1, 2))).toBe(14);
  expect(peopleIn(withPeople(tree, 1, -5))).toBe(9);
  const grown = withBranch(tree, { router: 'c' as RouterId, worker: 1 }, 1, 1, 5);
  expect([depthOf(grown, 2), branchesAt(grown, 1), grown.changedMs]).toEqual([2, 1, 5]);
  expect(withPlaceMoved(grown, 0, { router: 'd' as RouterId, worker: 2 }, 6).places[0]).toEqual({
    router: 'd',
    worker: 2,
    parent: undefined,
    people: 9,
  });
});
