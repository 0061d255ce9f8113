/** A meeting's tree as its state sees it: of routers. Its places are on workers, of which a router may have several. Pure. */
import type { RouterId } from '../../../common/ids.ts';
import { type MeetingPlace, type ZoneLink, zoneNeighboursOf } from '../cascade/meeting-places.ts';

export interface RouterTree {
  /** Undefined at the root. */
  readonly parent: RouterId | undefined;
  readonly children: readonly RouterId[];
}

/** Every router that is given the same places sees the same tree. `places`: checked by `checkPlaces`. */
export function routerTree(places: readonly MeetingPlace[], router: RouterId): RouterTree {
  const parents = parentsOf(places);
  return {
    parent: parents.get(router),
    children: [...parents].flatMap(([child, parent]) => (parent === router ? child : [])),
  };
}

/** With the routers of other zones, which are next to the root. */
export function worldTree(places: readonly MeetingPlace[], links: readonly ZoneLink[], router: RouterId): RouterTree {
  const { parent, children } = routerTree(places, router);
  const beyond = zoneNeighboursOf(places, router, links);
  return {
    parent: parent ?? beyond.find(({ relation }) => relation === 'parent')?.peer.router,
    children: [...children, ...beyond.flatMap(({ relation, peer }) => (relation === 'child' ? peer.router : []))],
  };
}

/** Of each router: the one next to its place that is nearest to the root. That one is nearer, so there are no rings. */
function parentsOf(places: readonly MeetingPlace[]): Map<RouterId, RouterId | undefined> {
  const depths: number[] = [];
  const nearest = new Map<RouterId, number>();
  for (const [index, { router, parent }] of places.entries()) {
    // A parent stands before its children.
    const depth = parent === undefined ? 0 : (depths[parent] ?? 0) + 1;
    depths.push(depth);
    const known = nearest.get(router);
    if (known === undefined || depth < (depths[known] ?? 0)) nearest.set(router, index);
  }
  return new Map(
    [...nearest].map(([router, index]) => {
      const parent = places[index]?.parent;
      return [router, parent === undefined ? undefined : places[parent]?.router];
    }),
  );
}
