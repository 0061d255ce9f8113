/** What one controller does for the whole zone when it leads: keeps what has to be known for it, and has it carried out. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { PeopleReport__Output } from '../../proto/gen/zonecast/router/v1/PeopleReport.ts';
import { placesOf } from '../placement/placement-tree.ts';
import type { ControllerRegistry } from '../registry/controller-registry.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { type DrainState, drainProgress } from './drain-progress.ts';
import { DEFAULT_REPAIR_POLICY, type RepairPolicy } from './repair-policy.ts';
import { Repairer } from './repairer.ts';
import { ZoneWatch } from './zone-watch.ts';

const LOOK_MS = 1_000;

export interface ZoneRepairsOptions {
  readonly registry: ControllerRegistry;
  readonly directory: RouterDirectory;
  readonly placed: (meeting: MeetingId, placement: MeetingPlacement) => void;
  readonly closeIfEmpty: (router: RouterId, meeting: MeetingId, epoch: number) => Promise<void>;
  /** A meeting has to be in the zone, even with nobody in it here. */
  readonly isNeeded?: (meeting: MeetingId) => boolean;
  readonly policy?: Partial<RepairPolicy>;
  readonly log: Logger;
}

export class ZoneRepairs {
  readonly #options: ZoneRepairsOptions;
  readonly #watch: ZoneWatch;
  readonly #repairer: Repairer;
  #look: NodeJS.Timeout | undefined;

  constructor(options: ZoneRepairsOptions) {
    this.#options = options;
    const { registry, directory, placed, closeIfEmpty, isNeeded, policy, log } = options;
    this.#watch = new ZoneWatch(
      registry.operators,
      { ...DEFAULT_REPAIR_POLICY, ...policy },
      // The cast: only ids of meetings are written there.
      { isNeeded, mainOf: (meeting) => registry.mirror.definitions.get(meeting)?.main as MeetingId | undefined },
    );
    this.#repairer = new Repairer({
      records: registry.records,
      isLeader: () => registry.isLeader,
      world: () =>
        registry.operators.isListed && registry.mirror.isListed
          ? this.#watch.worldToRepair(directory.nowMs, Date.now(), directory.capacity)
          : undefined,
      placed,
      closeIfEmpty,
      reserve: (reservations, meeting) => {
        for (const each of reservations) {
          directory.capacity.expect(directory.nowMs, meeting, each, each.demand.participants, [each]);
        }
      },
      log,
    });
  }

  start(): void {
    const { registry, directory } = this.#options;
    registry.operators.onDrain((router) => {
      directory.drainChanged(router);
      this.#repairer.wake();
    });
    registry.operators.onMove(() => this.#repairer.wake());
    this.#look = setInterval(() => this.#watch.look(directory.nowMs, (router) => directory.isAbsent(router)), LOOK_MS);
    this.#repairer.start();
  }

  close(): void {
    clearInterval(this.#look);
    this.#repairer.stop();
  }

  /** A placement has changed; undefined: it is gone, or cannot be read. */
  placed(meeting: MeetingId, placement: MeetingPlacement | undefined): void {
    this.#watch.placed(this.#options.directory.nowMs, meeting, placement);
  }

  /** A router says who is where. */
  report(router: RouterId, { whole, places }: PeopleReport__Output): void {
    // The cast: the router has its ids from us.
    const known = places.map((place) => ({ ...place, meeting: place.meeting as MeetingId }));
    this.#watch.report(this.#options.directory.nowMs, router, known, whole);
  }

  /** The router is gone, with all who were there. */
  lost(router: RouterId): void {
    this.#watch.people.forget(router);
    this.#repairer.wake();
  }

  /** How many are in a meeting on all its routers; undefined: not all of them have reported lately. */
  people(meeting: MeetingId, placement: MeetingPlacement): number | undefined {
    const { nowMs } = this.#options.directory;
    let sum = 0;
    for (const router of new Set(placesOf(placement).map((place) => place.router))) {
      const people = this.#watch.people.countOn(nowMs, meeting, router);
      if (people === undefined) return undefined;
      sum += people;
    }
    return sum;
  }

  isDrained(router: RouterId): boolean {
    return this.#options.registry.operators.drains.has(router);
  }

  /** How far the drain of a router is; undefined when there is none. */
  drainProgress(router: RouterId): DrainState | undefined {
    const { directory } = this.#options;
    return drainProgress(this.#watch.world(directory.nowMs, Date.now(), directory.capacity), router);
  }
}
