/**
 * Carries out the leader's plans, an action after another. Before each it is asked whether this controller still leads,
 * and each writes only what the plan was made for: one that comes late changes nothing. Whatever fails is planned again.
 */
import { isDeepStrictEqual } from 'node:util';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { isOn, placesOf } from '../placement/placement-tree.ts';
import type { Reservation } from '../placement/zone-capacity.ts';
import type { MeetingPlacement, ZoneRecords } from '../registry/records.ts';
import { ABSENT } from '../registry/registry.ts';
import { plan } from './plan.ts';
import type { Change, Release, RepairAction } from './repair-action.ts';
import { nowhere } from './spread-placement.ts';
import type { ZoneWorld } from './zone-world.ts';

/** What people wait for is seen to at once, but not for every single change. */
const SOON_MS = 50;
const EACH_MS = 1_000;

export interface RepairerOptions {
  readonly records: Pick<ZoneRecords, 'placement' | 'putPlacement' | 'router' | 'deleteMove'>;
  readonly isLeader: () => boolean;
  /** undefined: not everything is known yet. */
  readonly world: () => ZoneWorld | undefined;
  /** A placement is written: its routers are to hear of it. `left`: routers that are not in it any more. */
  readonly placed: (meeting: MeetingId, placement: MeetingPlacement, left: readonly RouterId[]) => void;
  /** Ends an epoch that nobody is in. Throws ZonecastError: `revisionConflict` when somebody is. */
  readonly closeIfEmpty: (router: RouterId, meeting: MeetingId, epoch: number) => Promise<void>;
  /** What was decided is promised; the people of the meeting are expected there. */
  readonly reserve: (reservations: readonly Reservation[], meeting: MeetingId) => void;
  readonly log: Logger;
}

export class Repairer {
  readonly #options: RepairerOptions;
  #running: Promise<void> | undefined;
  #each: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(options: RepairerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#each = setInterval(() => void this.run(), EACH_MS);
  }

  stop(): void {
    clearInterval(this.#each);
    clearTimeout(this.#soon);
    this.#each = undefined;
  }

  /** Something has changed that may need a repair. */
  wake(): void {
    if (this.#each === undefined) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.run();
    }, SOON_MS);
  }

  /** Makes a plan and carries it out. While one is being carried out, there is no other. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    const { isLeader, world, log } = this.#options;
    const known = isLeader() ? world() : undefined;
    if (known === undefined) return;
    for (const action of plan(known)) {
      if (!isLeader()) return;
      try {
        await this.#do(action);
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        log.warn({ action: action.type, why: action.why, err: error }, 'a repair failed');
        // The next would wait as long for nothing.
        if (error.code === 'registryUnavailable') return;
      }
    }
  }

  async #do(action: RepairAction): Promise<void> {
    if (action.type === 'change') return this.#change(action);
    if (action.type === 'release') return this.#release(action);
    await this.#options.records.deleteMove(action.wish);
    this.#options.log.info({ wish: action.wish, why: action.why }, 'a wish is forgotten');
  }

  async #change({ meeting, seen, next, gone, reservations, wish, why }: Change): Promise<void> {
    const { records, reserve, placed } = this.#options;
    if (!(await this.#swap({ meeting, seen, next, gone, why }))) return;
    reserve(reservations, meeting);
    placed(meeting, next, routersLeft(seen, next));
    if (wish !== undefined) await records.deleteMove(wish);
  }

  async #release({ meeting, seen, router, why }: Release): Promise<void> {
    try {
      await this.#options.closeIfEmpty(router, meeting, seen.epoch);
    } catch (error) {
      // Closed before, but not recorded. If it has been placed anew since, the record is another.
      if (!(error instanceof ZonecastError && error.code === 'staleEpoch')) throw error;
    }
    await this.#swap({ meeting, seen, next: nowhere(seen), gone: [], why });
  }

  /** False when the placement is not any more what the plan was made for. */
  async #swap({ meeting, seen, next, gone, why }: Omit<Change, 'type' | 'reservations'>): Promise<boolean> {
    const { records, isLeader, log } = this.#options;
    const found = await records.placement(meeting);
    for (const router of gone) if ((await records.router(router)).revision !== ABSENT) return false;
    if (!isDeepStrictEqual(found.value, seen) || !isLeader()) return false;
    try {
      await records.putPlacement(meeting, next, found.revision);
    } catch (error) {
      if (error instanceof ZonecastError && error.code === 'revisionConflict') return false;
      throw error;
    }
    log.info({ meeting, epoch: next.epoch, version: next.version, why }, 'meeting repaired');
    return true;
  }
}

function routersLeft(before: MeetingPlacement, after: MeetingPlacement): RouterId[] {
  const routers = new Set(placesOf(before).map(({ router }) => router));
  return [...routers].filter((router) => !isOn(after, router));
}
