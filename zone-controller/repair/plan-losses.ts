/** Places on routers that are gone: what is elsewhere goes on; a meeting that was only there is nowhere until somebody comes. */
import type { RouterId } from '../../common/ids.ts';
import { addedDemands } from '../placement/tree-room.ts';
import type { Draft } from './draft.ts';
import { readPlacement, withoutPlacesOf } from './spread-placement.ts';

export function planLosses(draft: Draft): void {
  const { world } = draft;
  const isGone = (router: RouterId): boolean => world.absentMs(router) >= world.policy.goneMs;
  for (const router of world.placements.routers) {
    if (!isGone(router)) continue;
    for (const known of world.placements.on(router)) {
      const placed = draft.take(known);
      if (placed === undefined) continue;
      const { tree } = placed;
      const gone = [...new Set(tree.places.map((place) => place.router).filter(isGone))];
      const next = withoutPlacesOf(placed, (place) => isGone(place.router));
      const rest = readPlacement(tree.meeting, next, (place) => world.people.lastCount(tree.meeting, place), 0);
      const left = rest?.tree.places.length ?? 0;
      const reservations = rest === undefined ? [] : addedDemands(tree, rest.tree, world.capacity.policy.media);
      draft.change(placed, next, { gone, reservations, why: `${gone.join(', ')} gone; ${left} places go on` });
    }
  }
}
