/** Places that people have moved away from leave the tree; meetings that nobody has been in for long end. */
import type { Draft } from './draft.ts';
import { isLeaving, withoutPlacesOf } from './spread-placement.ts';

export function planEmpty(draft: Draft): void {
  const { placements, scanned, policy, nowMs, isNeeded } = draft.world;
  for (const known of placements.spread) {
    const placed = draft.take(known);
    if (placed === undefined) continue;
    const { tree, leaving } = placed;
    const emptied = leaving.filter((place) => draft.count(tree, place) === 0);
    if (emptied.length === 0) continue;
    const names = emptied.map(({ router, worker }) => `${router}/${worker}`).join(', ');
    const next = withoutPlacesOf(placed, (place) => isLeaving({ leaving: emptied }, place));
    draft.change(placed, next, { why: `nobody is at ${names} any more` });
  }
  for (const known of scanned) {
    if (known.record.branches.length > 0 || nowMs - known.peopledMs < policy.emptyMs) continue;
    if (isNeeded(known.meeting)) continue;
    const placed = draft.take(known);
    const root = placed?.tree.places[0];
    if (placed === undefined || root === undefined || draft.count(placed.tree, root) !== 0) continue;
    draft.release(placed, `nobody has been there for ${Math.round((nowMs - known.peopledMs) / 1_000)} s`);
  }
}
