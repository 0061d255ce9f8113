/** One controller's part in a system of several zones: what it knows of the others, and what it does for them. */
import type { KeyObject } from 'node:crypto';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { BlockId } from '../../global-controller/blocks/meeting-ids.ts';
import { BusWorld } from './bus-world.ts';
import { statusOfZone } from './status-of-zone.ts';
import { WorldDuties } from './world-duties.ts';
import { addWorldMetrics } from './world-metrics.ts';
import type { WorldOptions } from './world-options.ts';
import type { ZoneSide } from './zone-side.ts';

export interface ZoneMembershipOptions {
  readonly options: WorldOptions;
  readonly own: ZoneId;
  /** Name of this controller. */
  readonly controller: string;
  /** Not asked before `start`. */
  readonly zone: ZoneSide;
  readonly metrics: MetricsRegistry;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class ZoneMembership {
  readonly world: BusWorld;
  readonly privateKey: KeyObject;
  readonly #duties: WorldDuties;

  constructor({ options, own, controller, zone, metrics, now, log }: ZoneMembershipOptions) {
    this.privateKey = options.privateKey;
    this.world = new BusWorld({
      ...options,
      own,
      controller,
      status: () => statusOfZone({ ...zone.facts(), strandedFrom: [] }),
      isHere: (meeting) => (zone.placements.get(meeting)?.root ?? null) !== null,
      treeChanged: (meeting) => this.#duties.treeChanged(meeting),
      linksChanged: (meeting) => this.#duties.linksChanged(meeting),
      now,
      log,
    });
    this.#duties = new WorldDuties({ world: this.world, zone, now, log });
    addWorldMetrics(metrics, this.world);
  }

  /** Returns at once; the bus may come later, or never. */
  start(): void {
    this.#duties.start(this.world.start());
  }

  async close(): Promise<void> {
    this.#duties.close();
    await this.world.close();
  }

  /** A router's events flow; it may be another process than before. */
  subscribed(router: RouterId): void {
    this.#duties.subscribed(router);
  }

  lost(router: RouterId): void {
    this.#duties.lost(router);
  }

  /** Where a meeting is in this zone has changed. */
  placed(meeting: MeetingId): void {
    this.#duties.placed(meeting);
  }

  /** The meeting is to have a place in this zone, though nobody of it may be here. */
  isOnTheWay(meeting: MeetingId): boolean {
    return this.world.isOnTheWay(meeting);
  }

  /** How many are where has changed. The cast: the router has its ids from us. */
  peopled(places: readonly { readonly meeting: string }[]): void {
    for (const { meeting } of places) this.#duties.peopled(meeting as MeetingId);
  }

  /** The registry has this block of meeting ids as the zone's. */
  blockSeen(block: BlockId): void {
    this.world.ids.putBlock(block, this.world.own);
  }

  /** A meeting exists, has changed, or is gone. */
  defined(meeting: MeetingId, exists: boolean): void {
    this.#duties.defined(meeting, exists);
  }
}
