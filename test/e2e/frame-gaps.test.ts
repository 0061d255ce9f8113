import { expect, test } from 'vitest';
import { longestGapMs, longestSwitchGapMs } from './frame-gaps.ts';

const frame = (atMs: number, height = 180, stallMs = 0, filmedMs = atMs) => ({ atMs, height, stallMs, filmedMs });

test.each([
  ['even', [frame(100), frame(200), frame(300)], 100],
  ['frames before and after do not count', [frame(-900), frame(150), frame(250), frame(2_000)], 150],
  ['the first is late', [frame(250), frame(300)], 250],
  ['it stands still at the end', [frame(50), frame(60)], 240],
  ['it never moved', [], 300],
  ['the machine was busy', [frame(50), frame(300, 180, 200)], 50],
] as const)('from 0 to 300: %s', (_, frames, gapMs) => {
  expect(longestGapMs(frames, 0, 300)).toBe(gapMs);
});

test.each([
  ['nothing changed', [frame(0, 180), frame(900, 180)], undefined],
  ['the switch itself', [frame(0, 180), frame(450, 360), frame(500, 360)], 450],
  ['right before it', [frame(0, 180), frame(500, 180), frame(560, 360)], 500],
  ['right after it', [frame(0, 180), frame(60, 360), frame(760, 360)], 700],
  ['long before it', [frame(0, 180), frame(900, 180), frame(2_000, 180), frame(3_001, 180), frame(4_100, 360)], 1_099],
  ['the page was busy', [frame(0, 180), frame(450, 360, 400)], 50],
  ['they are all there, but late', [frame(0, 180), frame(450, 360, 0, 40), frame(460, 360, 0, 80)], 40],
] as const)('around a switch: %s', (_, frames, gapMs) => {
  expect(longestSwitchGapMs(frames)).toBe(gapMs);
});
