/**
 * What placement knows: every router of the zone with its workers' loads, reported and promised, and the index over
 * them. Kept up to date by each report and each promise at a cost that does not depend on how many routers there are.
 */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { ExpectedPeople } from './expected-people.ts';
import { KnownRouter, type RouterFacts, type Standing } from './known-router.ts';
import type { Demand } from './meeting-cost.ts';
import type { WorkerPlace } from './meeting-tree.ts';
import { DEFAULT_POLICY, type PlacementPolicy } from './placement-policy.ts';
import { RouterIndex } from './router-index.ts';

/** A demand promised to a worker. */
export interface Reservation extends WorkerPlace {
  readonly demand: Demand;
}

/** What was promised together, and when. */
export interface Promised {
  readonly atMs: number;
  readonly reservations: readonly Reservation[];
}

export class ZoneCapacity {
  #policy: PlacementPolicy;
  #index: RouterIndex<KnownRouter>;
  readonly #expected = new ExpectedPeople();
  readonly #routers = new Map<RouterId, KnownRouter>();
  /** Those that are not stale, the one that reported longest ago first. */
  readonly #reporting = new Set<KnownRouter>();
  /** No router becomes stale before this. */
  #nextStaleMs = Number.POSITIVE_INFINITY;
  readonly #hot = new Set<KnownRouter>();
  readonly #standings: Record<Standing, number> = { open: 0, notReady: 0, draining: 0, noNew: 0, joinRate: 0 };

  constructor(policy: PlacementPolicy = DEFAULT_POLICY) {
    this.#policy = policy;
    this.#index = new RouterIndex(policy.trunkReserve);
  }

  get policy(): PlacementPolicy {
    return this.#policy;
  }

  get index(): RouterIndex<KnownRouter> {
    return this.#index;
  }

  /** Goes by other numbers from here on. What was promised stays. */
  usePolicy(nowMs: number, policy: PlacementPolicy): void {
    this.#policy = policy;
    this.#index = new RouterIndex(policy.trunkReserve);
    this.#reporting.clear();
    this.#nextStaleMs = nowMs;
    const routers = [...this.#routers.values()].sort((a, b) => a.reportedMs - b.reportedMs);
    for (const router of routers) {
      this.#change(router, () => router.usePolicy(nowMs, policy));
      if (!router.isStale(nowMs)) this.#reporting.add(router);
    }
  }

  get size(): number {
    return this.#routers.size;
  }

  /** How many routers are open to new meetings and branches, and how many are not, for which reason. */
  get standings(): Readonly<Record<Standing, number>> {
    return this.#standings;
  }

  /** Routers that have a worker above `rebalanceAbove`, by id. */
  get hot(): readonly KnownRouter[] {
    return [...this.#hot].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  router(id: RouterId): KnownRouter | undefined {
    return this.#routers.get(id);
  }

  /** A router is new, or something about it has. Throws RangeError when its limits leave no room at all. */
  put(nowMs: number, id: RouterId, facts: RouterFacts): void {
    const known = this.#routers.get(id);
    if (known !== undefined) {
      this.#change(known, () => known.update(nowMs, facts));
      return;
    }
    const router = new KnownRouter(id, facts, this.policy, nowMs);
    this.#routers.set(id, router);
    this.#standings[router.standing]++;
    this.#settle(router);
  }

  remove(id: RouterId): void {
    const router = this.#routers.get(id);
    if (router === undefined) return;
    this.#standings[router.standing]--;
    this.index.delete(router);
    this.#routers.delete(id);
    this.#reporting.delete(router);
    this.#hot.delete(router);
  }

  report(nowMs: number, id: RouterId, loads: readonly (Demand & { readonly index: number })[]): void {
    const router = this.#routers.get(id);
    if (router === undefined) return;
    this.#reporting.delete(router);
    this.#reporting.add(router);
    this.#nextStaleMs = Math.min(this.#nextStaleMs, nowMs + this.policy.reportStaleMs);
    this.#change(router, () => router.report(nowMs, loads));
  }

  /** Counts promises until reports show them. */
  reserve(nowMs: number, reservations: readonly Reservation[]): void {
    for (const { router: id, worker, demand } of reservations) {
      const router = this.#routers.get(id);
      if (router !== undefined) this.#change(router, () => router.reserve(nowMs, worker, demand));
    }
  }

  /** What was promised is not needed. */
  giveBack(nowMs: number, { atMs, reservations }: Promised): void {
    for (const { router: id, worker, demand } of reservations) {
      const router = this.#routers.get(id);
      if (router !== undefined) this.#change(router, () => router.giveBack(nowMs, atMs, worker, demand));
    }
  }

  /** Promises, as `reserve`; what is promised is for `people` who are expected at that place of the meeting. */
  expect(
    nowMs: number,
    meeting: MeetingId,
    place: WorkerPlace,
    people: number,
    reservations: readonly Reservation[],
  ): void {
    this.reserve(nowMs, reservations);
    this.#expected.add(nowMs, meeting, place, people, reservations);
  }

  /** What is promised still for the next one who comes to that place of the meeting. */
  expectedAt(meeting: MeetingId, place: WorkerPlace): Promised | undefined {
    const next = this.#expected.next(meeting, place);
    return next && { ...next, reservations: next.reservations.filter((item) => this.#isPromised(next.atMs, item)) };
  }

  /** One of those who are expected there comes, if anybody is; what was promised for him is returned, and counts still. */
  takeExpected(meeting: MeetingId, place: WorkerPlace): Promised | undefined {
    return this.#expected.take(meeting, place);
  }

  /** Nobody is expected at that place of the meeting any more. */
  forgetExpected(nowMs: number, meeting: MeetingId, place: WorkerPlace): void {
    const rest = this.#expected.drop(meeting, place);
    if (rest !== undefined) this.giveBack(nowMs, rest);
  }

  /** Room that is kept for people who are only expected is for those who are there. False when there is no such room. */
  yieldExpected(nowMs: number): boolean {
    if (this.#expected.size === 0) return false;
    for (const rest of this.#expected.dropAll()) this.giveBack(nowMs, rest);
    return true;
  }

  /** Somebody for whom there was a promise has come: the next report shows him. */
  arrived(promisedMs: number, { router, worker }: WorkerPlace): void {
    this.#routers.get(router)?.arrived(promisedMs, worker);
  }

  /** Somebody is sent to a router: one of the joins that it takes a second. */
  countJoin(nowMs: number, id: RouterId): void {
    const router = this.#routers.get(id);
    if (router === undefined) return;
    router.joins.take(nowMs);
    if (router.joins.waitMs(nowMs) > 0) this.#change(router, () => router.refresh(nowMs));
  }

  /** Gives `plan` a way to promise while it looks for more places, and takes all its promises back at the end. */
  tentatively<Result>(nowMs: number, plan: (reserve: (items: readonly Reservation[]) => void) => Result): Result {
    const promised: Reservation[] = [];
    try {
      return plan((items) => {
        promised.push(...items);
        this.reserve(nowMs, items);
      });
    } finally {
      this.giveBack(nowMs, { atMs: nowMs, reservations: promised });
    }
  }

  /** Time passes: routers that have not reported for too long get nothing new. To be called before each decision. */
  expire(nowMs: number): void {
    if (nowMs < this.#nextStaleMs) return;
    this.#nextStaleMs = Number.POSITIVE_INFINITY;
    for (const router of this.#reporting) {
      if (!router.isStale(nowMs)) {
        this.#nextStaleMs = router.reportedMs + this.policy.reportStaleMs;
        return;
      }
      this.#reporting.delete(router);
      this.#change(router, () => router.refresh(nowMs));
    }
  }

  #isPromised(atMs: number, { router, worker }: WorkerPlace): boolean {
    return this.#routers.get(router)?.isPromised(atMs, worker) ?? false;
  }

  #change(router: KnownRouter, apply: () => void): void {
    this.#standings[router.standing]--;
    try {
      apply();
    } finally {
      this.#standings[router.standing]++;
      this.#settle(router);
    }
  }

  /** Puts the router where it belongs after a change. */
  #settle(router: KnownRouter): void {
    if (router.standing === 'open') this.index.put(router, router.listing, router.load);
    else this.index.delete(router);
    if (router.highestLoad > this.policy.rebalanceAbove) this.#hot.add(router);
    else this.#hot.delete(router);
  }
}
