/** How long a picture stood still, from the frames that were noted; what the machine itself stood still for does not count. */
import type { ShownFrame } from './layers-probe.ts';
import { type Stall, stoodStillMs } from './stall-meter.ts';

/** A switch may disturb what is shown for so long after it, and before it while the new layer is awaited. */
const AROUND_MS = 1_000;

/** The longest time without a new picture from `fromMs` to `toMs`, milliseconds, also one that has not ended. */
export function longestGapMs(
  frames: readonly Pick<ShownFrame, 'atMs'>[],
  stalls: readonly Stall[],
  fromMs: number,
  toMs: number,
): number {
  const between = frames.map(({ atMs }) => atMs).filter((atMs) => atMs > fromMs && atMs <= toMs);
  const times = [fromMs, ...between, toMs];
  return Math.max(...times.slice(1).map((atMs, index) => ranMs(stalls, times[index] ?? fromMs, atMs)));
}

/**
 * The longest time that is missing in the picture around changes of its height, milliseconds. Frames that come late, one
 * after the other, are a machine's doing; a switch that waits for a key frame leaves some out. Undefined when the height
 * never changed.
 */
export function longestSwitchGapMs(frames: readonly ShownFrame[], stalls: readonly Stall[]): number | undefined {
  const switches = frames.filter(({ height }, index) => index > 0 && height !== frames[index - 1]?.height);
  if (switches.length === 0) return undefined;
  let longestMs = 0;
  frames.forEach(({ atMs, filmedMs }, index) => {
    const before = frames[index - 1];
    if (before === undefined) return;
    const isNear = switches.some((each) => Math.abs(each.atMs - atMs) <= AROUND_MS);
    if (isNear) longestMs = Math.max(longestMs, Math.min(ranMs(stalls, before.atMs, atMs), filmedMs - before.filmedMs));
  });
  return longestMs;
}

/** When a camera of so many frames a second was not encoded: the machine was too busy for that, and nobody could show it. */
export function encoderPauses(encodedMs: readonly number[], frameRate: number): Stall[] {
  const longMs = 2_000 / frameRate;
  return encodedMs.flatMap((toMs, index) => {
    const fromMs = encodedMs[index - 1] ?? toMs;
    return toMs - fromMs > longMs ? [{ fromMs, toMs }] : [];
  });
}

/** How long the machine ran between two moments. */
export function ranMs(stalls: readonly Stall[], fromMs: number, toMs: number): number {
  return toMs - fromMs - stoodStillMs(stalls, fromMs, toMs);
}
