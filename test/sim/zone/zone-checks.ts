/** What must hold of a zone once nothing has failed for a while, and when nobody is in it any more. */
import { isSamePlace } from '../../../zone-controller/placement/meeting-tree.ts';
import { isNewer, isOn, isSpread, placesOf } from '../../../zone-controller/placement/placement-tree.ts';
import { drainProgress } from '../../../zone-controller/repair/drain-progress.ts';
import { Violation } from '../common/violation.ts';
import type { ZoneSimulation } from './zone-simulation.ts';

export function checkConverged(zone: ZoneSimulation): void {
  const { clients, controllers, routers, invariants, clock } = zone;
  const wrong: string[] = [];
  const leader = controllers.find(({ isLeader }) => isLeader);
  if (leader === undefined) throw new Violation('nobody leads');
  const world = leader.watch.world(clock.nowMs, clock.nowMs, leader.directory.capacity);
  const stuck = new Map([...zone.drains.keys()].map((router) => [router, drainProgress(world, router)?.stuck ?? []]));
  for (const client of clients) {
    if (!client.wants) continue;
    const { participant, media, meeting, name } = client;
    const placement = invariants.current(meeting);
    if (participant === undefined || media === undefined) {
      wrong.push(`${name} is not in ${meeting}`);
      continue;
    }
    const { place, router } = media;
    if (!router.has(meeting, participant)) wrong.push(`${name}'s router does not have him`);
    if (placement === undefined || !isOn(placement, place.router))
      wrong.push(`${name} is at ${place.router}, where ${meeting} is not`);
    else if (placement.leaving.some((leaving) => isSamePlace(leaving, place))) {
      wrong.push(`${name} has not left ${place.router}/${place.worker}`);
    }
  }
  for (const [id, router] of routers) {
    const media = clients.filter(({ media, isGone }) => !isGone && media?.router === router).length;
    if (router.people !== media) wrong.push(`${router.people} people at ${id}, but ${media} connections`);
    if ((stuck.get(id)?.length ?? 0) > 0 || !stuck.has(id)) continue;
    const placed = [...invariants.meetings].filter(([, placement]) => isOn(placement, id)).map(([meeting]) => meeting);
    if (router.people > 0 || placed.length > 0) {
      wrong.push(`${id} is drained and has ${router.people} people, placements ${placed.join(' ')}, without a reason`);
    }
  }
  for (const [meeting, placement] of invariants.meetings) {
    const people = placesOf(placement).reduce(
      (sum, { router }) => sum + (routers.get(router)?.peopleIn(meeting) ?? 0),
      0,
    );
    if (people === 0 || !isSpread(placement)) continue;
    for (const { router } of placesOf(placement)) {
      const known = routers.get(router)?.treeOf(meeting);
      if (known === undefined || isNewer(placement, known)) {
        wrong.push(
          `${router} knows version ${known?.epoch}.${known?.version} of ${meeting}, not ${placement.epoch}.${placement.version}`,
        );
      }
    }
  }
  if (wrong.length > 0) throw new Violation(wrong.join('\n'));
}

export function checkIdle({ controllers, routers, invariants, clock }: ZoneSimulation): void {
  const wrong: string[] = [];
  for (const [id, router] of routers) if (router.people > 0) wrong.push(`${router.people} people are left at ${id}`);
  for (const [meeting, { root, epoch }] of invariants.meetings) {
    if (root !== null) wrong.push(`${meeting} is still at ${root.router} under ${epoch}`);
  }
  for (const { host, directory } of controllers) {
    for (const { id, workers } of routers.values()) {
      for (let worker = 0; worker < workers; worker++) {
        const promised = directory.capacity.router(id)?.expected(clock.nowMs, worker);
        if (promised === undefined || (promised.participants === 0 && promised.packetsPerSecond === 0)) continue;
        wrong.push(`${host.name} thinks that ${JSON.stringify(promised)} are at ${id}/${worker}`);
      }
    }
  }
  if (wrong.length > 0) throw new Violation(wrong.join('\n'));
}
