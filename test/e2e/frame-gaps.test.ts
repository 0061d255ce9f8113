import { expect, test } from 'vitest';
import { encoderPauses, longestGapMs, longestSwitchGapMs } from './frame-gaps.ts';
import { type Stall, stoodStillMs } from './stall-meter.ts';

const frame = (atMs: number, height = 180, filmedMs = atMs) => ({ atMs, height, filmedMs });
const stall = (fromMs: number, toMs: number): Stall => ({ fromMs, toMs });

/** Each stall is followed by 50 ms of catching up. */
test.each([
  ['none', [], 0],
  ['one', [stall(100, 200)], 150],
  ['partly before', [stall(-100, 50)], 100],
  ['partly after', [stall(900, 1_200)], 100],
  ['before and after', [stall(-300, -100), stall(1_000, 1_100)], 0],
  ['two', [stall(500, 600), stall(100, 200)], 300],
  ['two at once', [stall(100, 300), stall(200, 400)], 350],
  ['one inside another', [stall(100, 400), stall(200, 250)], 350],
] as const)('the machine stood still between 0 and 1000: %s', (_, stalls, ms) => {
  expect(stoodStillMs(stalls, 0, 1_000)).toBe(ms);
});

test.each([
  ['even', [frame(100), frame(200), frame(300)], [], 100],
  ['frames before and after do not count', [frame(-900), frame(150), frame(250), frame(2_000)], [], 150],
  ['the first is late', [frame(250), frame(300)], [], 250],
  ['it stands still at the end', [frame(50), frame(60)], [], 240],
  ['it never moved', [], [], 300],
  ['the machine was busy', [frame(50), frame(300)], [stall(50, 200)], 50],
  ['the machine was busy before', [frame(100), frame(300)], [stall(0, 50)], 200],
] as const)('from 0 to 300: %s', (_, frames, stalls, gapMs) => {
  expect(longestGapMs(frames, stalls, 0, 300)).toBe(gapMs);
});

test.each([
  ['nothing changed', [frame(0, 180), frame(900, 180)], [], undefined],
  ['the switch itself', [frame(0, 180), frame(450, 360), frame(500, 360)], [], 450],
  ['right before it', [frame(0, 180), frame(500, 180), frame(560, 360)], [], 500],
  ['right after it', [frame(0, 180), frame(60, 360), frame(760, 360)], [], 700],
  [
    'long before it',
    [frame(0, 180), frame(900, 180), frame(2_000, 180), frame(3_001, 180), frame(4_100, 360)],
    [],
    1_099,
  ],
  ['the machine was busy', [frame(0, 180), frame(450, 360)], [stall(10, 360)], 50],
  ['they are all there, but late', [frame(0, 180), frame(450, 360, 40), frame(460, 360, 80)], [], 40],
] as const)('around a switch: %s', (_, frames, stalls, gapMs) => {
  expect(longestSwitchGapMs(frames, stalls)).toBe(gapMs);
});

test('a camera that was not encoded for a while', () => {
  expect(encoderPauses([0, 100, 300, 501, 600], 10)).toEqual([stall(300, 501)]);
  expect(encoderPauses([], 10)).toEqual([]);
});
