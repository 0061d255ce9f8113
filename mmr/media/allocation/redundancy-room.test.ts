import { expect, test } from 'vitest';
import { RedundancyRoom } from './redundancy-room.ts';

test.each([
  { estimateBps: Number.POSITIVE_INFINITY, before: true, hasRoom: true, costBps: 80_000 },
  { estimateBps: 300_000, before: true, hasRoom: true, costBps: 80_000 },
  { estimateBps: 101_000, before: true, hasRoom: true, costBps: 80_000 },
  { estimateBps: 60_000, before: true, hasRoom: false, costBps: 50_000 },
  { estimateBps: 150_000, before: false, hasRoom: false, costBps: 50_000 },
  { estimateBps: 180_000, before: false, hasRoom: true, costBps: 80_000 },
])('audio of 50 kb/s at $estimateBps b/s: $hasRoom', ({ estimateBps, before, hasRoom, costBps }) => {
  const room = new RedundancyRoom();
  room.hasRoom = before;
  expect(room.review(estimateBps, 50_000)).toBe(costBps);
  expect(room.hasRoom).toBe(hasRoom);
});

test('where no audio is known there is room', () => {
  expect(new RedundancyRoom().review(10_000, 0)).toBe(0);
});
