import { expect, test } from 'vitest';
import { Reception } from './reception.ts';

test('the longest gap counts, the one that goes on too, each kind for itself', () => {
  const reception = new Reception();
  expect(reception.longestGapMs(5, 'video')).toBe(0);
  for (const nowMs of [10, 30, 130, 150]) reception.handlePacket(nowMs, 'video');
  reception.handlePacket(100, 'audio');
  expect([reception.longestGapMs(150, 'video'), reception.longestGapMs(150, 'audio')]).toEqual([100, 50]);
  expect(reception.longestGapMs(1_150, 'video')).toBe(1_000);
  reception.reset();
  reception.handlePacket(170, 'video');
  expect([reception.longestGapMs(170, 'video'), reception.lastMs('video')]).toEqual([20, 170]);
});
