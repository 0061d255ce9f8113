/** Zones and global controllers on a bus in memory, for tests. Time is the test's; what goes over the bus takes some turns. */

import type { Bus } from '../../bus/bus.ts';
import { MemoryHub } from '../../bus/memory/memory-hub.ts';
import { MemoryTransport } from '../../bus/memory/memory-transport.ts';
import { ZONES } from '../../bus/testing/test-zones.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { blockAt, meetingIdOf } from '../blocks/meeting-ids.ts';
import {
  BLOCKS_BUCKET,
  DIRECTORY_BUCKET,
  directoryKey,
  presenceBucket,
  statusCall,
  statusSubject,
  TREES_BUCKET,
} from '../buckets.ts';
import { treeRecord } from '../trees/zone-tree.ts';
import { recordOf, statusOf, trunkTo } from '../zones/zone-directory-lab.ts';
import type { ZoneRecord } from '../zones/zone-record.ts';
import type { ZoneStatus } from '../zones/zone-status.ts';
import { Reconciler } from './reconciler.ts';
import { WorldMirror } from './world-mirror.ts';

const silent = createLogger({ name: 'test', level: 'silent' });

export interface LabController {
  readonly bus: Bus;
  readonly mirror: WorldMirror;
  readonly reconciler: Reconciler;
}

/** What answers say, and statuses do not. */
export const SNAPSHOT_ROUTERS = 77;

export class WorldLab {
  nowMs = 0;
  readonly hub = new MemoryHub();
  readonly controllers: LabController[] = [];
  readonly #zones = new Map<string, Bus>();
  readonly #seqs = new Map<string, number>();
  #snapshots = 0;

  /** With one block each, in their order. Zones of bus/testing/test-zones.ts. */
  async begin(zones: readonly string[], controllers: number): Promise<void> {
    for (let index = 0; index < controllers; index++) this.addController(`gc-${index}`);
    for (const [index, zone] of zones.entries()) {
      const { bus } = ZONES.open(new MemoryTransport(this.hub), ZONES.identity(zone));
      this.#zones.set(zone, bus);
      bus.respond(statusCall(zone as ZoneId), () => {
        this.#snapshots++;
        // Of the moment, with the number of the last that all were told.
        return statusOf({ seq: this.#seqs.get(zone) ?? 0, routersReady: SNAPSHOT_ROUTERS });
      });
      await this.record(zone);
      await bus.bucket(BLOCKS_BUCKET).put(blockAt(index), { zone }, 0);
    }
    await this.until(() => this.controllers.every(({ mirror }) => mirror.isComplete));
    this.speak();
    await this.until(() => this.controllers.every(({ mirror }) => mirror.directory.counts.accepted >= zones.length));
  }

  addController(name: string): LabController {
    const { bus } = ZONES.open(new MemoryTransport(this.hub), ZONES.identity('global', name));
    const now = (): number => this.nowMs;
    const mirror = new WorldMirror(bus, now, silent);
    mirror.start();
    const controller = {
      bus,
      mirror,
      reconciler: new Reconciler({ bus, mirror, now, random: () => 0.5, log: silent }),
    };
    this.controllers.push(controller);
    return controller;
  }

  get snapshots(): number {
    return this.#snapshots;
  }

  /** The next status of the zone is not sent. */
  skip(zone: string): void {
    this.#status(zone, {});
  }

  async record(zone: string, fields: Partial<ZoneRecord> = {}): Promise<void> {
    const [controller] = this.controllers;
    await controller?.bus.bucket(DIRECTORY_BUCKET).put(directoryKey(zone as ZoneId), recordOf(fields));
  }

  bus(zone: string): Bus {
    const bus = this.#zones.get(zone);
    if (bus === undefined) throw new Error(`no zone ${zone}`);
    return bus;
  }

  /** Each of these, or all, says how it is; its trunks to the zones named are down. */
  speak(zones: Iterable<string> = this.#zones.keys(), down: readonly string[] = []): void {
    const trunks = down.map((zone) => trunkTo(zone, false));
    for (const zone of zones) this.bus(zone).publish(statusSubject(zone as ZoneId), this.#status(zone, { trunks }));
  }

  async present(zone: string, meeting: MeetingId, people: number): Promise<void> {
    const root = { router: 'r', address: 'r:1', worker: 0 };
    const bucket = this.bus(zone).bucket(presenceBucket(zone as ZoneId));
    if (people > 0) await bucket.put(meeting, { root, epoch: 1, people });
    else await bucket.delete(meeting);
    await this.until(() =>
      this.controllers.every(
        ({ mirror }) => (mirror.meetings.get(meeting)?.present.get(zone as ZoneId)?.people ?? 0) === people,
      ),
    );
  }

  /** A round of all controllers at the same time; then all of them have seen what came of it. */
  async round(): Promise<void> {
    await Promise.all(this.controllers.map(({ reconciler }) => reconciler.run()));
    await this.settle();
  }

  /** `2 alpha: beta<alpha` */
  async tree(meeting: MeetingId): Promise<string | undefined> {
    const entry = await this.controllers[0]?.bus.bucket(TREES_BUCKET).get(meeting);
    if (entry === undefined) return undefined;
    const { version, root, edges } = treeRecord.parse(entry.value);
    return `${version} ${root}:${edges.map(({ zone, parent }) => ` ${zone}<${parent}`).join('')}`;
  }

  /** What is on its way arrives: watches and messages take a few turns of the loop each. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async until(isSo: () => boolean): Promise<void> {
    for (let turn = 0; turn < 10_000; turn++) {
      if (isSo()) return;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    throw new Error('it did not come to be so');
  }

  async close(): Promise<void> {
    for (const { bus, mirror, reconciler } of this.controllers) {
      reconciler.stop();
      mirror.close();
      await bus.close();
    }
    for (const bus of this.#zones.values()) await bus.close();
  }

  #status(zone: string, fields: Partial<ZoneStatus>): ZoneStatus {
    const seq = (this.#seqs.get(zone) ?? 0) + 1;
    this.#seqs.set(zone, seq);
    return statusOf({ ...fields, seq });
  }
}

/** The first id of the block that the zone at this place got. */
export function meetingOf(zoneIndex: number, number = 0): MeetingId {
  return meetingIdOf(blockAt(zoneIndex), number);
}
