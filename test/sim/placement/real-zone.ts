/** What really goes on in the simulated zone, which placement knows from reports only: who is where, at what traffic. */
import type { RouterId } from '../../../common/ids.ts';
import { treeDemands } from '../../../zone-controller/placement/meeting-cost.ts';
import type { MeetingTree, WorkerPlace } from '../../../zone-controller/placement/meeting-tree.ts';
import type { PlacementPolicy } from '../../../zone-controller/placement/placement-policy.ts';
import type { ZoneCapacity } from '../../../zone-controller/placement/zone-capacity.ts';

export const LIMITS = { participants: 500, packetsPerSecond: 300_000 };
const ROUTERS_PER_RACK = 40;
const RACKS_PER_PART = 25;

export interface RealMeeting {
  tree: MeetingTree;
  /** How many will come. */
  readonly size: number;
  /** Traffic, of what is expected. */
  readonly activity: number;
  hasEnded: boolean;
}

interface RealWorker {
  participants: number;
  packetsPerSecond: number;
  readonly meetings: Set<RealMeeting>;
}

export class RealZone {
  readonly #routers = new Map<RouterId, RealWorker[]>();
  readonly #ids: RouterId[] = [];
  readonly #policy: PlacementPolicy;
  readonly #capacity: ZoneCapacity;

  constructor(capacity: ZoneCapacity, routers: number, workers: number) {
    this.#capacity = capacity;
    this.#policy = capacity.policy;
    for (let index = 0; index < routers; index++) {
      const id = `router-${index}` as RouterId;
      const rack = Math.floor(index / ROUTERS_PER_RACK);
      const labels = { rack: `${rack}`, part: `${Math.floor(rack / RACKS_PER_PART)}` };
      capacity.put(0, id, { ready: true, labels, taints: [], workers, limits: LIMITS });
      this.#routers.set(
        id,
        Array.from({ length: workers }, () => ({ participants: 0, packetsPerSecond: 0, meetings: new Set() })),
      );
      this.#ids.push(id);
      this.#reportOf(id, 0);
    }
  }

  get routers(): readonly RouterId[] {
    return [...this.#routers.keys()];
  }

  /** The meeting is there now, and no longer where it was. */
  move(meeting: RealMeeting, next: MeetingTree | undefined): void {
    this.#count(meeting, meeting.tree, -1);
    if (next === undefined) return;
    meeting.tree = next;
    this.#count(meeting, next, 1);
  }

  start(meeting: RealMeeting): void {
    this.#count(meeting, meeting.tree, 1);
  }

  meetingsAt({ router, worker }: WorkerPlace): Iterable<RealMeeting> {
    return this.#routers.get(router)?.[worker]?.meetings ?? [];
  }

  /** A tenth of the routers reports at each step: every one once a second. */
  report(nowMs: number, tenth: number): void {
    for (let index = tenth; index < this.#ids.length; index += 10) {
      const id = this.#ids[index];
      if (id !== undefined && this.#routers.has(id)) this.#reportOf(id, nowMs);
    }
  }

  /** Ends a router; returns the meetings that had a place there. */
  kill(router: RouterId): ReadonlySet<RealMeeting> {
    const workers = this.#routers.get(router) ?? [];
    this.#routers.delete(router);
    this.#capacity.remove(router);
    return new Set(workers.flatMap(({ meetings }) => [...meetings]));
  }

  /** Packets of each worker, of what it can carry. */
  loads(): Float64Array {
    return Float64Array.from(
      [...this.#routers.values()].flatMap((workers) =>
        workers.map(({ packetsPerSecond }) => packetsPerSecond / LIMITS.packetsPerSecond),
      ),
    ).sort();
  }

  #reportOf(id: RouterId, nowMs: number): void {
    const workers = this.#routers.get(id) ?? [];
    const loads = workers.map(({ participants, packetsPerSecond }, index) => ({
      index,
      participants,
      packetsPerSecond: Math.max(0, packetsPerSecond),
    }));
    this.#capacity.report(nowMs, id, loads);
  }

  #count(meeting: RealMeeting, tree: MeetingTree, sign: 1 | -1): void {
    const demands = treeDemands(tree, this.#policy.media);
    for (const [index, { router, worker }] of tree.places.entries()) {
      const real = this.#routers.get(router)?.[worker];
      const demand = demands[index];
      if (real === undefined || demand === undefined) continue;
      real.participants += sign * demand.participants;
      real.packetsPerSecond += sign * demand.packetsPerSecond * meeting.activity;
      if (sign === 1) real.meetings.add(meeting);
      else real.meetings.delete(meeting);
    }
  }
}
