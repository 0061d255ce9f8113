/** How many people are where, as routers report it: all at first, then what changes. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { WorkerPlace } from '../placement/meeting-tree.ts';

/** Those of a meeting whose media is on a worker. */
export interface PlacePeople {
  readonly meeting: MeetingId;
  readonly worker: number;
  /** 0: nobody any more. */
  readonly people: number;
}

/** Routers report each second; when one has not for so long, nothing is known of it. */
const STALE_MS = 5_000;

interface Known {
  atMs: number;
  readonly people: Map<MeetingId, Map<number, number>>;
}

export class PeopleReports {
  readonly #routers = new Map<RouterId, Known>();

  /** `isWhole`: places that are not named have nobody. */
  report(nowMs: number, router: RouterId, places: Iterable<PlacePeople>, isWhole: boolean): void {
    const before = isWhole ? undefined : this.#routers.get(router);
    const known = before ?? { atMs: nowMs, people: new Map<MeetingId, Map<number, number>>() };
    known.atMs = nowMs;
    for (const { meeting, worker, people } of places) {
      const workers = known.people.get(meeting) ?? new Map<number, number>();
      if (people > 0) workers.set(worker, people);
      else workers.delete(worker);
      if (workers.size > 0) known.people.set(meeting, workers);
      else known.people.delete(meeting);
    }
    this.#routers.set(router, known);
  }

  /** The router is gone. */
  forget(router: RouterId): void {
    this.#routers.delete(router);
  }

  /** Those at a place, if the router has reported since then, and not long ago; otherwise undefined. */
  count(nowMs: number, meeting: MeetingId, { router, worker }: WorkerPlace, sinceMs: number): number | undefined {
    const known = this.#routers.get(router);
    if (known === undefined || nowMs - known.atMs > STALE_MS || known.atMs < sinceMs) return undefined;
    return known.people.get(meeting)?.get(worker) ?? 0;
  }

  /** Those on a router, whichever worker they are on; undefined as of `count`. */
  countOn(nowMs: number, meeting: MeetingId, router: RouterId): number | undefined {
    const known = this.#routers.get(router);
    if (known === undefined || nowMs - known.atMs > STALE_MS) return undefined;
    return [...(known.people.get(meeting)?.values() ?? [])].reduce((sum, people) => sum + people, 0);
  }

  /** The last that was heard, however long ago. */
  lastCount(meeting: MeetingId, { router, worker }: WorkerPlace): number {
    return this.#routers.get(router)?.people.get(meeting)?.get(worker) ?? 0;
  }

  /** Meetings that somebody is in on a router, as was last heard. */
  meetingsOn(router: RouterId): Iterable<MeetingId> {
    return this.#routers.get(router)?.people.keys() ?? [];
  }
}
