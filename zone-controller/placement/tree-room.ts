/** Whether the workers of a meeting can carry what a change of its tree costs them. */
import type { Reason } from './explanation.ts';
import type { KnownRouter } from './known-router.ts';
import { type Demand, type MediaProfile, treeDemands } from './meeting-cost.ts';
import { isSamePlace, type MeetingTree, type WorkerPlace } from './meeting-tree.ts';
import { fullForTrunks } from './worker-limits.ts';
import type { Reservation, ZoneCapacity } from './zone-capacity.ts';

/** What each worker has to carry more than before. Less is not counted: reports will show it. */
export function addedDemands(before: MeetingTree, after: MeetingTree, media: MediaProfile): Reservation[] {
  const old = treeDemands(before, media);
  return treeDemands(after, media).flatMap((demand, index): Reservation[] => {
    const place = after.places[index];
    if (place === undefined) return [];
    const same = before.places[index];
    const at =
      same !== undefined && isSamePlace(same, place)
        ? index
        : before.places.findIndex((each) => isSamePlace(each, place));
    const added = increase(old[at], demand);
    if (added.participants === 0 && added.packetsPerSecond === 0) return [];
    return [{ router: place.router, worker: place.worker, demand: added }];
  });
}

/**
 * undefined when every worker has room: the one at `people` up to `below`, others, which get trunks only, up to all of a
 * worker. Those of lost routers carry nothing any more.
 */
export function whyNoRoom(
  capacity: ZoneCapacity,
  nowMs: number,
  added: readonly Reservation[],
  people: WorkerPlace,
  below = 1,
): Reason | undefined {
  for (const item of added) {
    const router = capacity.router(item.router);
    const isForPeople = isSamePlace(item, people);
    if (router === undefined) {
      if (isForPeople) return 'lost';
      continue;
    }
    if (isForPeople) {
      if (router.loadWith(nowMs, item.worker, item.demand) > below) return 'full';
    } else if (router.packetLoadWith(nowMs, item.worker, item.demand) > fullForTrunks(capacity.policy.trunkReserve)) {
      return 'trunkFull';
    }
  }
  return undefined;
}

/** The least loaded worker of a router that the meeting is not on yet. */
export function idlestOutside(router: KnownRouter, tree: MeetingTree, nowMs: number): number | undefined {
  let best: number | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (let worker = 0; worker < router.workers; worker++) {
    if (tree.places.some((place) => isSamePlace(place, { router: router.id, worker }))) continue;
    const load = router.loadWith(nowMs, worker, { participants: 0, packetsPerSecond: 0 });
    if (load >= lowest) continue;
    lowest = load;
    best = worker;
  }
  return best;
}

function increase(before: Demand | undefined, after: Demand): Demand {
  return {
    participants: Math.max(0, after.participants - (before?.participants ?? 0)),
    packetsPerSecond: Math.max(0, after.packetsPerSecond - (before?.packetsPerSecond ?? 0)),
  };
}
