import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meetingDemand, treeDemands, withoutVideo } from './meeting-cost.ts';
import { peopleIn } from './meeting-tree.ts';
import { anyTree, LAB_POLICY, router, treeOf } from './placement-lab.ts';

const { media } = LAB_POLICY;

test.each([
  // each sends 50 + 100 and gets the others, up to 3 voices and 12 pictures
  [0, 0],
  [1, 150],
  [4, 4 * 150 + 4 * 3 * 150],
  [10, 10 * 150 + 10 * (3 * 50 + 9 * 100)],
  [100, 100 * 150 + 100 * (3 * 50 + 12 * 100)],
])('a meeting of %d on one worker: %d packets a second', (people, packetsPerSecond) => {
  expect(meetingDemand(people, media)).toEqual({ participants: people, packetsPerSecond });
});

test('a trunk carries what is watched beyond it, counted at both ends', () => {
  const [root, branch] = treeDemands(treeOf(['a', 0, 20], ['b', 0, 1]), media);
  const trunk = 50 + 100 + 3 * 50 + 12 * 100;
  const each = 150 + 3 * 50 + 12 * 100;
  expect(root).toEqual({ participants: 20, packetsPerSecond: 20 * each + trunk });
  expect(branch).toEqual({ participants: 1, packetsPerSecond: each + trunk });
});

test('many watch the same few: a trunk between two halves of a large meeting is bounded', () => {
  const [, branch] = treeDemands(treeOf(['a', 0, 500], ['b', 0, 100]), media);
  expect(branch?.packetsPerSecond).toBe(100 * 1_500 + 2 * (3 * 50 + 50 * 100));
});

test('a branch in between carries what is below it, too; nobody anywhere costs nothing', () => {
  const demands = treeDemands(treeOf(['a', 0, 2], ['b', 0, 0, 0], ['c', 0, 3, 1]), media);
  const trunk = 2 * 150 + 3 * 150;
  expect(demands[1]).toEqual({ participants: 0, packetsPerSecond: 2 * trunk });
  expect(treeDemands(treeOf(['a', 0, 0], ['b', 0, 0]), media).map(({ packetsPerSecond }) => packetsPerSecond)).toEqual([
    0, 0,
  ]);
});

test('one more person never costs any worker less, and sound alone costs less than all', () => {
  const routers = Array.from({ length: 8 }, (_, index) => router(`r${index}`, [0]));
  fc.assert(
    fc.property(anyTree(routers, 40), fc.nat(7), (tree, at) => {
      const index = at % tree.places.length;
      const places = tree.places.map((place, each) =>
        each === index ? { ...place, people: place.people + 1 } : place,
      );
      const before = treeDemands(tree, media);
      const after = treeDemands({ ...tree, places }, media);
      for (const [each, demand] of after.entries()) {
        expect(demand.packetsPerSecond).toBeGreaterThanOrEqual(before[each]?.packetsPerSecond ?? 0);
        expect(Number.isInteger(demand.packetsPerSecond)).toBe(true);
      }
      expect(before.reduce((sum, { participants }) => sum + participants, 0)).toBe(peopleIn(tree));
      const sound = treeDemands(tree, withoutVideo(media));
      expect(sound.every((demand, each) => demand.packetsPerSecond <= (before[each]?.packetsPerSecond ?? 0))).toBe(
        true,
      );
    }),
    { seed: 7 },
  );
});
