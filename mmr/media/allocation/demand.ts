/**
 * Which encodings of one source its publisher is to send (dynacast): those that somebody's view asks for, and all smaller
 * ones, which viewers fall back to at once when their bandwidth drops. Bandwidth itself does not count here: what a viewer
 * wants must be running when his estimate allows it. On at once, off after a while.
 */
import type { EncodingDemand } from '../negotiated.ts';
import { coveringHeight } from './allocator.ts';
import type { EncodingHeight } from './source-layers.ts';

/** Without anybody who wants it for so long, an encoding is stopped: switching between tiles does not stop anything. */
export const OFF_AFTER_US = 3_000_000;
/** Heights are told rounded up to a multiple of this, so that the resizing of a window is not a stream of messages. */
const HEIGHT_STEP = 90;

interface State {
  active: boolean;
  /** Infinity: no limit. */
  maxHeight: number;
  /** Since when less is wanted than that; Infinity: it is not. */
  lessSinceUs: number;
}

export class SourceDemand {
  /** A publisher starts with everything on. */
  readonly #states = new Map<string, State>();

  /** The publisher is muted: what nobody wants meanwhile does not count. */
  pause(): void {
    for (const state of this.#states.values()) state.lessSinceUs = Number.POSITIVE_INFINITY;
  }

  /**
   * `wantedHeight` is the tallest picture that anybody's view asks for: Infinity for no limit, undefined when nobody watches.
   * `encodings` go from the lowest to the highest. To be called again before long even if nothing changes. Returns the demand
   * for all of them when it changed.
   */
  update(
    nowUs: number,
    wantedHeight: number | undefined,
    encodings: readonly EncodingHeight[],
  ): EncodingDemand[] | undefined {
    const covering = wantedHeight === undefined ? -1 : coveringHeight(encodings, wantedHeight);
    let changed = false;
    for (const { rid, height } of encodings) {
      const isNeeded = height <= covering;
      const isTallest = height === covering;
      const maxHeight = isTallest ? roundedUp(wantedHeight ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
      changed = this.#updateEncoding(nowUs, rid, isNeeded, maxHeight) || changed;
    }
    return changed ? encodings.map(({ rid }) => this.of(rid)) : undefined;
  }

  #updateEncoding(nowUs: number, rid: string, isNeeded: boolean, maxHeight: number): boolean {
    const state = this.#state(rid);
    const isMore = isNeeded && (!state.active || maxHeight > state.maxHeight);
    const isLess = state.active && (!isNeeded || maxHeight < state.maxHeight);
    if (!isMore && !isLess) {
      state.lessSinceUs = Number.POSITIVE_INFINITY;
      return false;
    }
    if (isLess) {
      state.lessSinceUs = Math.min(state.lessSinceUs, nowUs);
      if (nowUs - state.lessSinceUs < OFF_AFTER_US) return false;
    }
    state.active = isNeeded;
    if (isNeeded) state.maxHeight = maxHeight;
    state.lessSinceUs = Number.POSITIVE_INFINITY;
    return true;
  }

  /** What the publisher has been told about the encoding. */
  of(rid: string): EncodingDemand {
    const { active, maxHeight } = this.#state(rid);
    return { rid, active, maxHeight: maxHeight === Number.POSITIVE_INFINITY ? undefined : maxHeight };
  }

  #state(rid: string): State {
    let state = this.#states.get(rid);
    if (state === undefined) {
      state = { active: true, maxHeight: Number.POSITIVE_INFINITY, lessSinceUs: Number.POSITIVE_INFINITY };
      this.#states.set(rid, state);
    }
    return state;
  }
}

function roundedUp(height: number): number {
  return Math.max(HEIGHT_STEP, Math.ceil(height / HEIGHT_STEP) * HEIGHT_STEP);
}
