/** Where a meeting is: places on workers of routers, joined to a tree. Pure. */
import type { RouterId, ZoneId } from '../../../common/ids.ts';
import type { Relation } from '../../media/trunk/meeting-link.ts';
import { isFirst } from './trunk-pair.ts';

/** A worker of a router. */
export interface Seat {
  readonly router: RouterId;
  readonly worker: number;
}

export interface MeetingPlace extends Seat {
  /** host:port of the router's gRPC service. */
  readonly address: string;
  /** Place in the list of the next one toward the root, which stands before it; undefined for the root. */
  readonly parent: number | undefined;
}

/** A place in another zone to which a trunk leads from this zone's root. */
export interface ZoneLink extends Seat {
  readonly zone: ZoneId;
  /** Grows with each change of where the meeting is in that zone. */
  readonly version: number;
  /** host:port at which its router listens to other zones' routers; of no use where they call us. */
  readonly address: string;
  /** What it is to us. */
  readonly relation: Relation;
  /** We call its router; else it calls us. */
  readonly calls: boolean;
}

/** A trunk that the meeting uses here. */
export interface Neighbour {
  /** Ours. */
  readonly worker: number;
  /** In another zone, its router is named with it (`routerOfZone`). */
  readonly peer: Seat;
  /** undefined: ours. */
  readonly zone: ZoneId | undefined;
  /** host:port of the peer's router. */
  readonly address: string;
  /** What the peer is to us. */
  readonly relation: Relation;
  /** We call its router, offer the trunk and open it; else it does. */
  readonly calls: boolean;
}

/** Name of a router of another zone: ids have no slash. */
export function routerOfZone(zone: ZoneId, router: RouterId): RouterId {
  return `${zone}/${router}` as RouterId; // of the same kind, but known here alone
}

/** The zone of a router as it is named here; undefined: ours. */
export function zoneOf(router: RouterId): ZoneId | undefined {
  const end = router.indexOf('/');
  return end < 0 ? undefined : (router.slice(0, end) as ZoneId); // it was put there
}

/** What is wrong with a list of places; undefined when they are a tree with one root. */
export function checkPlaces(places: readonly MeetingPlace[]): string | undefined {
  const seats = new Set<string>();
  for (const [index, { router, worker, parent }] of places.entries()) {
    if ((parent === undefined) !== (index === 0)) return 'the first place, and no other, is the root';
    if (parent !== undefined && !(parent >= 0 && parent < index)) return 'a parent stands before its children';
    seats.add(`${router}/${worker}`);
  }
  if (places.length === 0) return 'a meeting has a place';
  return seats.size === places.length ? undefined : 'two places on one worker';
}

/** The tree's edges at the workers of `router`; one between two of its own workers is seen from both. */
export function neighboursOf(places: readonly MeetingPlace[], router: RouterId): Neighbour[] {
  return places.flatMap((place) => {
    const parent = place.parent === undefined ? undefined : places[place.parent];
    if (parent === undefined) return [];
    return [
      ...(place.router === router ? [neighbour(place, parent, 'parent')] : []),
      ...(parent.router === router ? [neighbour(parent, place, 'child')] : []),
    ];
  });
}

/** The edges to other zones; they are those of the root's worker. */
export function zoneNeighboursOf(
  [root]: readonly MeetingPlace[],
  router: RouterId,
  links: readonly ZoneLink[],
): Neighbour[] {
  if (root?.router !== router) return [];
  return links.map(({ zone, router: other, worker, address, relation, calls }) => {
    const peer = { router: routerOfZone(zone, other), worker };
    return { worker: root.worker, peer, zone, address, relation, calls };
  });
}

function neighbour(own: MeetingPlace, peer: MeetingPlace, relation: Relation): Neighbour {
  const { router, worker, address } = peer;
  const calls = isFirst(own, peer);
  return { worker: own.worker, peer: { router, worker }, zone: undefined, address, relation, calls };
}
