/** Where a meeting is: places on workers of routers, joined to a tree. Pure. */
import type { RouterId } from '../../../common/ids.ts';
import type { Relation } from '../../media/trunk/meeting-link.ts';

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

/** A trunk that the meeting uses here. */
export interface Neighbour {
  /** Ours. */
  readonly worker: number;
  readonly peer: Seat;
  /** host:port of the peer's router. */
  readonly address: string;
  /** What the peer is to us. */
  readonly relation: Relation;
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

function neighbour(own: MeetingPlace, { router, worker, address }: MeetingPlace, relation: Relation): Neighbour {
  return { worker: own.worker, peer: { router, worker }, address, relation };
}
