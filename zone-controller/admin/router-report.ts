/** One router in the words of `proto/admin.proto`. Pure. */
import type { Router } from '../../proto/gen/zonecast/admin/v1/Router.ts';
import type { ZoneCapacity } from '../placement/zone-capacity.ts';
import type { DrainRecord } from '../registry/records.ts';
import type { RouterView } from '../routers/router-directory.ts';

const NOTHING = { participants: 0, packetsPerSecond: 0 };

/** The closed list of what a router can be for those who place meetings. */
export const ROUTER_STATES = ['open', 'joinRate', 'noNew', 'draining', 'notReady', 'lost'] as const;
export type RouterState = (typeof ROUTER_STATES)[number];

export function stateOf(
  { router, isLost }: RouterView,
  capacity: Pick<ZoneCapacity, 'router'>,
  isDraining: boolean,
): RouterState {
  if (isLost) return 'lost';
  if (isDraining) return 'draining';
  return capacity.router(router)?.standing ?? 'notReady';
}

/** As the router has reported; 0 before its first report. */
export function participantsOn({ load }: RouterView): number {
  return (load?.workers ?? []).reduce((sum, { participants }) => sum + participants, 0);
}

export function meetingsOn({ load }: RouterView): number {
  return (load?.workers ?? []).reduce((sum, { meetings }) => sum + meetings, 0);
}

export interface RouterContext {
  readonly capacity: Pick<ZoneCapacity, 'router'>;
  /** The time that `capacity` goes by. */
  readonly nowMs: number;
  readonly drain: DrainRecord | undefined;
}

export function toRouter(view: RouterView, { capacity, nowMs, drain }: RouterContext): Router {
  const { router, record, load } = view;
  const { address, release, controller, labels, taints, limits } = record;
  const known = capacity.router(router);
  return {
    router,
    address,
    release,
    controller: view.isRecorded ? controller : '',
    state: stateOf(view, capacity, drain !== undefined),
    labels,
    taints,
    maxParticipants: limits.participants,
    maxPacketsPerSecond: limits.packetsPerSecond,
    workers: (load?.workers ?? []).map((worker) => ({
      ...worker,
      load: known?.loadWith(nowMs, worker.index, NOTHING) ?? 0,
    })),
    workerRestarts: load?.workerRestarts ?? 0,
    ...(drain === undefined ? {} : { drain }),
    participants: participantsOn(view),
  };
}
