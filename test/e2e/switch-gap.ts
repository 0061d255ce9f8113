import type { ShownFrame } from './layers-probe.ts';

/** A switch may disturb what is shown for so long after it, and before it while the new layer is awaited. */
const AROUND_MS = 1_000;

/**
 * The longest time without a new picture around changes of its height, milliseconds; what the machine was too busy for is
 * not counted. Undefined when the height never changed.
 */
export function longestSwitchGapMs(frames: readonly ShownFrame[]): number | undefined {
  const switches = frames.filter(({ height }, index) => index > 0 && height !== frames[index - 1]?.height);
  if (switches.length === 0) return undefined;
  let longestMs = 0;
  frames.forEach(({ atMs, stallMs }, index) => {
    const before = frames[index - 1];
    if (before === undefined) return;
    const isNear = switches.some((each) => Math.abs(each.atMs - atMs) <= AROUND_MS);
    if (isNear) longestMs = Math.max(longestMs, atMs - before.atMs - Math.max(0, stallMs));
  });
  return longestMs;
}
