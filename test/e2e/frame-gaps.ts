/** How long a picture stood still, from the frames that `watchFrames` noted. */
import type { ShownFrame } from './layers-probe.ts';

/** A switch may disturb what is shown for so long after it, and before it while the new layer is awaited. */
const AROUND_MS = 1_000;

/**
 * The longest time without a new picture from `fromMs` to `toMs`, milliseconds, also one that has not ended; what the
 * machine was too busy for is not counted.
 */
export function longestGapMs(frames: readonly ShownFrame[], fromMs: number, toMs: number): number {
  let longestMs = 0;
  let lastMs = fromMs;
  for (const { atMs, stallMs } of frames) {
    if (atMs <= fromMs) continue;
    if (atMs > toMs) break;
    longestMs = Math.max(longestMs, atMs - lastMs - Math.max(0, stallMs));
    lastMs = atMs;
  }
  return Math.max(longestMs, toMs - lastMs);
}

/**
 * The longest time that is missing in the picture around changes of its height, milliseconds. Frames that come late, one
 * after the other, are a machine's doing; a switch that waits for a key frame leaves some out. Undefined when the height
 * never changed.
 */
export function longestSwitchGapMs(frames: readonly ShownFrame[]): number | undefined {
  const switches = frames.filter(({ height }, index) => index > 0 && height !== frames[index - 1]?.height);
  if (switches.length === 0) return undefined;
  let longestMs = 0;
  frames.forEach(({ atMs, filmedMs, stallMs }, index) => {
    const before = frames[index - 1];
    if (before === undefined) return;
    const isNear = switches.some((each) => Math.abs(each.atMs - atMs) <= AROUND_MS);
    const gapMs = Math.min(atMs - before.atMs - Math.max(0, stallMs), filmedMs - before.filmedMs);
    if (isNear) longestMs = Math.max(longestMs, gapMs);
  });
  return longestMs;
}
