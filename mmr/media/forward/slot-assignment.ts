/**
 * Which sources a subscriber's slots carry: a pure function of the view that was asked for, the sources there are, and
 * what the slots carry already. A source that is still wanted stays in its slot; tiles do not jump.
 */
import type { ViewEntry } from '../negotiated.ts';

/** What the assignment needs to know of a slot. `S` is the type of a source. */
export interface AssignableSlot<S> {
  /** What the subscriber asked for here. */
  readonly wish: ViewEntry['source'];
  readonly current: S | undefined;
}

export interface Candidates<S> {
  /** Sources for "auto" slots, most important first. Only as many as there are slots are looked at, and a few more. */
  readonly ranked: readonly S[];
  /** Whether one takes the place of the other: they are the same to whoever watches. */
  isSame(one: S, other: S): boolean;
  /** Whether the subscriber may have it: it is not his own. */
  allows(source: S): boolean;
  /** The source of a fixed wish; undefined when it is not there, muted, or the subscriber's own. */
  fixed(wish: { readonly participant: string; readonly kind: string }): S | undefined;
}

/** The source for each of `slots`, in their order; undefined leaves the slot empty. */
export function assignSlots<S>(slots: readonly AssignableSlot<S>[], candidates: Candidates<S>): (S | undefined)[] {
  const result: (S | undefined)[] = slots.map((slot) =>
    typeof slot.wish === 'object' ? candidates.fixed(slot.wish) : undefined,
  );
  const automatic = slots.filter((slot) => slot.wish === 'auto').length;
  const missing = take(candidates, automatic, result);
  keepCurrent(slots, result, missing, candidates.isSame);
  slots.forEach((slot, i) => {
    if (slot.wish === 'auto' && result[i] === undefined) result[i] = missing.shift();
  });
  return result;
}

/** The first `count` sources that are not in a fixed slot anyway. */
function take<S>(candidates: Candidates<S>, count: number, fixed: readonly (S | undefined)[]): S[] {
  const taken: S[] = [];
  if (count === 0) return taken;
  for (const source of candidates.ranked) {
    if (!candidates.allows(source) || fixed.includes(source)) continue;
    taken.push(source);
    if (taken.length === count) break;
  }
  return taken;
}

/** Wanted sources that an automatic slot carries already stay there, or are followed there, and leave `missing`. */
function keepCurrent<S>(
  slots: readonly AssignableSlot<S>[],
  result: (S | undefined)[],
  missing: S[],
  isSame: Candidates<S>['isSame'],
): void {
  slots.forEach(({ wish, current }, i) => {
    if (wish !== 'auto' || current === undefined) return;
    const at = missing.findIndex((source) => isSame(source, current));
    if (at < 0) return;
    result[i] = missing[at];
    missing.splice(at, 1);
  });
}
