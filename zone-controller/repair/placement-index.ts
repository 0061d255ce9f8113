/** The placements of the zone as this controller last saw them, found by router, and when they and their people changed. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { MeetingPlacement } from '../registry/records.ts';

export interface KnownPlacement {
  readonly meeting: MeetingId;
  readonly record: MeetingPlacement;
  /** When it became as it is. */
  readonly changedMs: number;
  /** When somebody was in it last, so far as is known; never before it was first seen. */
  peopledMs: number;
}

export class PlacementIndex {
  readonly #known = new Map<MeetingId, KnownPlacement>();
  readonly #byRouter = new Map<RouterId, Set<KnownPlacement>>();
  /** Of several places, or with one that is to be left. */
  readonly #spread = new Set<KnownPlacement>();
  #scan: Iterator<KnownPlacement> | undefined;

  get(meeting: MeetingId): KnownPlacement | undefined {
    return this.#known.get(meeting);
  }

  /** Routers that a placement names. */
  get routers(): Iterable<RouterId> {
    return this.#byRouter.keys();
  }

  on(router: RouterId): Iterable<KnownPlacement> {
    return this.#byRouter.get(router) ?? [];
  }

  get spread(): Iterable<KnownPlacement> {
    return this.#spread;
  }

  /** The next so many of all, once around and then from the beginning. */
  *next(count: number): Generator<KnownPlacement> {
    const most = Math.min(count, this.#known.size);
    for (let looked = 0; looked < most; looked++) {
      this.#scan ??= this.#known.values();
      let step = this.#scan.next();
      if (step.done) {
        this.#scan = this.#known.values();
        step = this.#scan.next();
      }
      if (step.done) return;
      yield step.value;
    }
  }

  /** undefined: there is none any more, or it cannot be read. */
  set(nowMs: number, meeting: MeetingId, record: MeetingPlacement | undefined): void {
    const before = this.#known.get(meeting);
    if (before !== undefined) this.#unlist(before);
    if (record === undefined || record.root === null) {
      this.#known.delete(meeting);
      return;
    }
    const peopledMs = before?.record.epoch === record.epoch ? before.peopledMs : nowMs;
    const known: KnownPlacement = { meeting, record, changedMs: nowMs, peopledMs };
    this.#known.set(meeting, known);
    if (record.branches.length > 0 || record.leaving.length > 0) this.#spread.add(known);
    for (const { router } of [record.root, ...record.branches]) {
      const there = this.#byRouter.get(router) ?? new Set();
      this.#byRouter.set(router, there.add(known));
    }
  }

  #unlist(known: KnownPlacement): void {
    const { root, branches } = known.record;
    this.#spread.delete(known);
    for (const place of [root, ...branches]) {
      if (place === null) continue;
      const there = this.#byRouter.get(place.router);
      there?.delete(known);
      if (there?.size === 0) this.#byRouter.delete(place.router);
    }
  }
}
