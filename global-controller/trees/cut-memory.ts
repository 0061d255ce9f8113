/**
 * Pairs of zones whose trunk has broken. When a tree does without it, nobody measures it any more; without a memory the next
 * plan would take it again, and so on.
 */
import type { ZoneId } from '../../common/ids.ts';
import type { TreePolicy } from './tree-policy.ts';

interface Cut {
  readonly untilMs: number;
  readonly lastsMs: number;
}

export class CutMemory {
  readonly #policy: Pick<TreePolicy, 'suspectMs' | 'mostSuspectMs'>;
  /** By pair; never more than pairs of recorded zones. */
  readonly #cuts = new Map<string, Cut>();

  constructor(policy: Pick<TreePolicy, 'suspectMs' | 'mostSuspectMs'>) {
    this.#policy = policy;
  }

  /** A trunk between them is down now; to be told again and again while it is. */
  down(a: ZoneId, b: ZoneId, nowMs: number): void {
    const { suspectMs, mostSuspectMs } = this.#policy;
    const cut = this.#cuts.get(keyOf(a, b));
    let lastsMs = suspectMs;
    // Not trusted again yet: as long. Trusted, and broken again: twice as long. Well for a long time: as if for the first time.
    if (cut !== undefined && nowMs < cut.untilMs) lastsMs = cut.lastsMs;
    else if (cut !== undefined && nowMs < cut.untilMs + mostSuspectMs)
      lastsMs = Math.min(cut.lastsMs * 2, mostSuspectMs);
    this.#cuts.set(keyOf(a, b), { untilMs: nowMs + lastsMs, lastsMs });
  }

  isSuspect(a: ZoneId, b: ZoneId, nowMs: number): boolean {
    const cut = this.#cuts.get(keyOf(a, b));
    return cut !== undefined && nowMs < cut.untilMs;
  }

  /** A zone is not recorded any more. */
  forget(zone: ZoneId): void {
    for (const key of this.#cuts.keys()) if (key.split(' ').includes(zone)) this.#cuts.delete(key);
  }
}

/** Ids have no spaces. */
function keyOf(a: ZoneId, b: ZoneId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
