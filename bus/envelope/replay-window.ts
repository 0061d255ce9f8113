/**
 * Remembers which messages have been, for as long as they would still pass for fresh. Bounded for each zone, so that
 * one that floods drops its own messages and nobody else's.
 */
import type { DropReason } from '../bus-observer.ts';
import { MAX_SKEW_MS } from './verifier.ts';

/** A message is fresh from MAX_SKEW_MS before its time to as long after. */
const FRESH_MS = 2 * MAX_SKEW_MS;
/** Ids of one zone, in each of two generations: some 300 messages a second, for a minute. */
export const MAX_IDS_PER_GENERATION = 20_000;

interface Generations {
  sinceMs: number;
  current: Set<string>;
  previous: Set<string>;
}

export class ReplayWindow {
  /** Zones have proved who they are before they get here: there are no more than the key ring has. */
  readonly #zones = new Map<string, Generations>();

  /** Undefined when the message is new; call only when its signature held. `nowMs` is monotonic. */
  check(zone: string, id: string, nowMs: number): DropReason | undefined {
    let ids = this.#zones.get(zone);
    if (ids === undefined) {
      ids = { sinceMs: nowMs, current: new Set(), previous: new Set() };
      this.#zones.set(zone, ids);
    }
    if (nowMs - ids.sinceMs >= FRESH_MS) {
      ids.previous = nowMs - ids.sinceMs >= 2 * FRESH_MS ? new Set() : ids.current;
      ids.current = new Set();
      ids.sinceMs = nowMs;
    }
    if (ids.current.has(id) || ids.previous.has(id)) return 'replayed';
    if (ids.current.size >= MAX_IDS_PER_GENERATION) return 'tooMany';
    ids.current.add(id);
    return undefined;
  }
}
