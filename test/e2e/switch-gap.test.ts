import { expect, test } from 'vitest';
import { longestSwitchGapMs } from './switch-gap.ts';

const frame = (atMs: number, height: number, stallMs = 0) => ({ atMs, height, stallMs });

test.each([
  ['nothing changed', [frame(0, 180), frame(900, 180)], undefined],
  ['the switch itself', [frame(0, 180), frame(450, 360), frame(500, 360)], 450],
  ['right before it', [frame(0, 180), frame(500, 180), frame(560, 360)], 500],
  ['right after it', [frame(0, 180), frame(60, 360), frame(760, 360)], 700],
  ['long before it', [frame(0, 180), frame(900, 180), frame(2_000, 180), frame(3_001, 180), frame(4_100, 360)], 1_099],
  ['the machine was busy', [frame(0, 180), frame(450, 360, 400)], 50],
] as const)('%s', (_, frames, gapMs) => {
  expect(longestSwitchGapMs(frames)).toBe(gapMs);
});
