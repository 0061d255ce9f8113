/**
 * What the leader of a zone has to do, from all that it knows: nothing is remembered from one plan to the next, so that
 * another leader goes on where this one ends, and an action that failed is planned again. The most urgent come first.
 */
import { Draft } from './draft.ts';
import { planDrains, planStays } from './plan-drains.ts';
import { planEmpty } from './plan-empty.ts';
import { planLosses } from './plan-losses.ts';
import { planBalance, planShrinks } from './plan-sizes.ts';
import { planWishes } from './plan-wishes.ts';
import type { RepairAction } from './repair-action.ts';
import type { ZoneWorld } from './zone-world.ts';

export function plan(world: ZoneWorld): RepairAction[] {
  const { capacity, nowMs } = world;
  capacity.expire(nowMs);
  return capacity.tentatively(nowMs, (reserve) => {
    const draft = new Draft(world, reserve);
    planLosses(draft);
    planStays(draft);
    planEmpty(draft);
    planDrains(draft);
    planWishes(draft);
    planShrinks(draft);
    if (world.isRebalanceDue) planBalance(draft);
    return draft.actions;
  });
}
