/** A leader's world for tests: routers as in the placement lab, placements, and who is where. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { type LabRouter, NOW_MS, router, zoneOf } from '../placement/placement-lab.ts';
import type { PlacementPolicy } from '../placement/placement-policy.ts';
import type { DrainRecord, MeetingPlacement, MoveWish } from '../registry/records.ts';
import { plan } from './plan.ts';
import type { RepairAction } from './repair-action.ts';
import { DEFAULT_REPAIR_POLICY, type RepairPolicy } from './repair-policy.ts';
import { ZoneWatch } from './zone-watch.ts';

/** `root` and branches as `router/worker`, a branch with `<parent`; with `-` before it, it is to be left. */
export function placement(text: string, epoch = 1, version = 1): MeetingPlacement {
  const places = text.split(' ').map((word) => {
    const [, minus, id, worker, parent] = /^(-?)(\w+)\/(\d+)(?:<(\d+))?$/.exec(word) ?? [];
    return { isLeft: minus === '-', router: id as RouterId, worker: Number(worker), parent: Number(parent ?? 0) };
  });
  const [root, ...branches] = places;
  if (root === undefined) throw new Error('no places');
  const leaving = places.filter(({ isLeft }) => isLeft);
  return {
    epoch,
    version,
    root: { router: root.router, worker: root.worker },
    branches: branches.map(({ router: id, worker, parent }) => ({ router: id, worker, parent })),
    leaving: leaving.map(({ router: id, worker }) => ({ router: id, worker, why: 'drain' as const })),
  };
}

/** The same as text. */
export function textOf({ root, branches, leaving }: MeetingPlacement): string {
  if (root === null) return 'nowhere';
  const name = ({ router: id, worker }: { router: RouterId; worker: number }): string =>
    `${leaving.some((left) => left.router === id && left.worker === worker) ? '-' : ''}${id}/${worker}`;
  return [name(root), ...branches.map((branch) => `${name(branch)}<${branch.parent}`)].join(' ');
}

export class RepairLab {
  readonly watch: ZoneWatch;
  readonly drains = new Map<RouterId, DrainRecord>();
  readonly moves = new Map<string, MoveWish>();
  /** Meetings that are to stay, whoever is in them. */
  readonly needed = new Set<string>();
  /** Breakout rooms, with the meetings that they belong to. */
  readonly rooms = new Map<string, string>();
  readonly capacity;
  readonly #routers: ReadonlyMap<RouterId, LabRouter>;
  readonly #gone = new Set<RouterId>();
  nowMs = NOW_MS;

  constructor(
    routers: readonly LabRouter[] = [router('a', [0.1]), router('b', [0.2]), router('c', [0.3])],
    repairs: Partial<RepairPolicy> = {},
    policy: Partial<PlacementPolicy> = {},
  ) {
    this.#routers = new Map(routers.map((each) => [each.id, each]));
    this.capacity = zoneOf(routers, policy);
    this.watch = new ZoneWatch(
      this,
      { ...DEFAULT_REPAIR_POLICY, rebalanceMoves: 0, ...repairs },
      {
        isNeeded: (meeting) => this.needed.has(meeting),
        mainOf: (meeting) => this.rooms.get(meeting) as MeetingId | undefined,
      },
    );
  }

  place(meeting: string, record: MeetingPlacement): void {
    this.watch.placed(this.nowMs, meeting as MeetingId, record);
  }

  /** `people` by `meeting router/worker`; each router that is there reports, those that are named or not. */
  report(people: Readonly<Record<string, number>>): void {
    for (const [id, facts] of this.#routers) {
      if (this.#gone.has(id)) continue;
      const places = Object.entries(people).flatMap(([name, count]) => {
        const [meeting, at = ''] = name.split(' ');
        const [where, worker] = at.split('/');
        return where === id ? [{ meeting: meeting as MeetingId, worker: Number(worker), people: count }] : [];
      });
      this.watch.report(this.nowMs, id, places, true);
      const loads = facts.used.map(({ packetsPerSecond }, index) => ({
        index,
        participants: 0,
        packetsPerSecond: packetsPerSecond * facts.limits.packetsPerSecond,
      }));
      this.capacity.report(this.nowMs, id, loads);
    }
  }

  /** Time passes, with a look each second. */
  pass(forMs: number): void {
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; ) {
      this.nowMs += 1_000;
      this.watch.look(this.nowMs, (id) => this.#gone.has(id));
    }
  }

  lose(id: string): void {
    this.#gone.add(id as RouterId);
    this.capacity.remove(id as RouterId);
    this.watch.look(this.nowMs, (each) => this.#gone.has(each));
  }

  drain(id: string, deadlineMs = Number.MAX_SAFE_INTEGER): void {
    this.drains.set(id as RouterId, { startedMs: this.nowMs, deadlineMs, by: 'operator' });
    this.#taint(id as RouterId, ['draining']);
  }

  undrain(id: string): void {
    this.drains.delete(id as RouterId);
    this.#taint(id as RouterId, []);
  }

  world() {
    return this.watch.worldToRepair(this.nowMs, this.nowMs, this.capacity);
  }

  plan(): RepairAction[] {
    return plan(this.world());
  }

  /** What becomes of meetings, in words. */
  changes(): string[] {
    return this.plan().map((action) =>
      action.type === 'change'
        ? `${action.meeting} ${action.next.epoch}.${action.next.version} ${textOf(action.next)}`
        : `${action.type} ${'meeting' in action ? action.meeting : action.wish}`,
    );
  }

  /** Plans, and does it. */
  act(): string[] {
    const changes = this.changes();
    for (const action of this.plan()) {
      if (action.type !== 'change') continue;
      this.capacity.reserve(this.nowMs, action.reservations);
      this.watch.placed(this.nowMs, action.meeting, action.next);
    }
    return changes;
  }

  #taint(id: RouterId, taints: readonly string[]): void {
    const facts = this.#routers.get(id);
    if (facts !== undefined) this.capacity.put(this.nowMs, id, { ...facts, taints });
  }
}
