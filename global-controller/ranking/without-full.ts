/** What becomes of a ranking when zones in it are full: the first one's policy says where its people go. */
import type { ZoneId } from '../../common/ids.ts';
import type { EffectivePolicy } from '../policies/effective-policy.ts';
import type { Excluded } from './ranking.ts';

interface WithRoom {
  readonly zone: ZoneId;
  readonly headRoom: number | undefined;
}

/**
 * `ranked`: the best first. Where he would go if no zone was ever full is the first; the others are for overflow of that one,
 * whether it is full now or turns out to be when he comes.
 */
export function withoutFull<Item extends WithRoom>(
  ranked: readonly Item[],
  policyIn: (zone: ZoneId) => EffectivePolicy,
  fullBelow: number,
): { readonly open: readonly Item[]; readonly full: readonly Excluded[] } {
  const [first] = ranked;
  if (first === undefined) return { open: [], full: [] };
  const { overflow } = policyIn(first.zone);
  const open: Item[] = [];
  const full: Excluded[] = [];
  for (const item of ranked) {
    const isNext = overflow === 'any' || (typeof overflow === 'object' && overflow.zone === item.zone);
    if (item !== first && !isNext) full.push({ zone: item.zone, reason: 'overflow' });
    // Of one that has never spoken nobody knows; it says so itself.
    else if ((item.headRoom ?? 1) < fullBelow) full.push({ zone: item.zone, reason: 'full' });
    else open.push(item);
  }
  return { open, full };
}
