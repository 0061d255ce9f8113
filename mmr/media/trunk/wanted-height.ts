/**
 * What is asked of the other end of a trunk for one source: as tall as somebody here watches it. More at once, less after a
 * while, so that switching between tiles stops nothing.
 */
import { OFF_AFTER_US } from '../allocation/demand.ts';

/** Heights are told rounded up to a multiple of this: the resizing of a window is no stream of messages. */
const HEIGHT_STEP = 90;
const MAX_HEIGHT = 8640;

export class WantedHeight {
  /** As told: pixels, Infinity for no limit, undefined while nobody watches. */
  told: number | undefined;
  #lessSinceUs = Number.POSITIVE_INFINITY;

  /** To be called again before long even if nothing changes. True when `told` changed. */
  update(nowUs: number, wanted: number | undefined): boolean {
    const next = wanted === undefined ? undefined : rounded(wanted);
    if (next === this.told) {
      this.#lessSinceUs = Number.POSITIVE_INFINITY;
      return false;
    }
    if ((next ?? -1) < (this.told ?? -1)) {
      this.#lessSinceUs = Math.min(this.#lessSinceUs, nowUs);
      if (nowUs - this.#lessSinceUs < OFF_AFTER_US) return false;
    }
    this.told = next;
    this.#lessSinceUs = Number.POSITIVE_INFINITY;
    return true;
  }
}

function rounded(height: number): number {
  const steps = Math.max(1, Math.ceil(height / HEIGHT_STEP));
  return steps * HEIGHT_STEP >= MAX_HEIGHT ? Number.POSITIVE_INFINITY : steps * HEIGHT_STEP;
}
