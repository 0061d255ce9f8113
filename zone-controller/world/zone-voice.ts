/**
 * What one controller says for the whole zone, while it leads it: how the zone is, each second; where its meetings are, and which there
 * are; and it takes blocks of meeting ids. Made anew for each leadership, and goes by what is on the bus then.
 */
import { randomUUID } from 'node:crypto';
import { ABSENT } from '../../bus/bucket.ts';
import type { Bus, Subscription } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { BlockId } from '../../global-controller/blocks/meeting-ids.ts';
import { chooseBlock } from '../../global-controller/blocks/plan-blocks.ts';
import {
  BLOCKS_BUCKET,
  cameFromCall,
  definitionsBucket,
  type PresenceRecord,
  presenceBucket,
  presenceRecord,
  statusCall,
  statusSubject,
} from '../../global-controller/buckets.ts';
import type { ZoneStatus } from '../../global-controller/zones/zone-status.ts';
import { definition, type MeetingDefinition } from '../registry/records.ts';
import type { BusWorld } from './bus-world.ts';
import { tellZone } from './definition-calls.ts';
import { PlacesOnTheWay } from './on-the-way.ts';
import { OwnBucket } from './own-bucket.ts';
import { isShared, Presences } from './shared-meetings.ts';
import { statusOfZone } from './status-of-zone.ts';
import type { ZoneSide } from './zone-side.ts';

export interface ZoneVoiceOptions {
  readonly bus: Bus;
  readonly world: BusWorld;
  readonly zone: ZoneSide;
  readonly now: () => number;
  readonly log: Logger;
}

export class ZoneVoice {
  readonly #options: ZoneVoiceOptions;
  readonly #instance = randomUUID();
  readonly #presences: OwnBucket<PresenceRecord>;
  readonly #definitions: OwnBucket<MeetingDefinition>;
  readonly #onTheWay: PlacesOnTheWay;
  readonly #subscriptions: Subscription[];
  #seq = 0;
  #isTaking = false;
  #isPolicyNew = true;

  constructor(options: ZoneVoiceOptions) {
    this.#options = options;
    const { bus, world, zone, now, log } = options;
    const { own, counts } = world;
    const presences = new Presences(world, zone);
    const common = { bus, mayWrite: (): boolean => zone.isLeader(), counts, log };
    this.#presences = new OwnBucket({
      ...common,
      bucket: presenceBucket(own),
      kind: 'presence',
      schema: presenceRecord,
      wanted: (meeting, known) => presences.wanted(meeting, known, now()),
    });
    this.#definitions = new OwnBucket({
      ...common,
      bucket: definitionsBucket(own),
      kind: 'definitions',
      schema: definition,
      wanted: (meeting) => this.#shared(meeting),
    });
    this.#onTheWay = new PlacesOnTheWay({ zone, isOnTheWay: (meeting) => world.isOnTheWay(meeting), log });
    this.#subscriptions = [
      bus.respond(statusCall(own), () => this.#status()),
      bus.respond(cameFromCall(own), ({ payload }) => {
        world.noteCameFrom(payload as ZoneId); // what is no zone of the directory is ignored there
        return {};
      }),
    ];
  }

  /** To be called each second. */
  tick(): void {
    const { bus, world, zone } = this.#options;
    if (bus.publish(statusSubject(world.own), { ...this.#status(), seq: this.#seq + 1 })) {
      this.#seq++;
      world.counts.statuses++;
    }
    this.#presences.markKnown();
    this.#presences.mark(zone.placements.keys());
    for (const { meeting } of world.records.meetings.all()) void this.#onTheWay.settle(meeting);
    if (this.#isPolicyNew) {
      this.#isPolicyNew = false;
      this.#definitions.markKnown();
      this.#definitions.mark(zone.definitions.keys());
    }
    void this.#presences.run();
    void this.#definitions.run();
    if (world.ids.counts.needed > 0) void this.#takeBlock();
    for (const block of world.ids.blocks) if (!zone.blocks.has(block)) void this.#keepBlock(block);
  }

  /** A meeting has changed, or is gone. */
  defined(meeting: MeetingId): void {
    this.#definitions.mark([meeting]);
    void this.#definitions.run();
    void this.#tellCopies(meeting);
  }

  /** Where a meeting is, or how many are in it, has changed. */
  placed(meeting: MeetingId): void {
    this.#presences.mark([meeting]);
    void this.#presences.run();
  }

  /** Between which zones a meeting is has changed. */
  treeChanged(meeting: MeetingId): void {
    void this.#onTheWay.settle(meeting);
    this.placed(meeting);
  }

  /** What others may know of is perhaps otherwise. */
  policyChanged(): void {
    this.#isPolicyNew = true;
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.close();
    this.#presences.close();
    this.#definitions.close();
  }

  #status(): ZoneStatus {
    const { world, zone } = this.#options;
    const status = statusOfZone({ ...zone.facts(), strandedFrom: world.strandedFrom() });
    return { ...status, instance: this.#instance, seq: this.#seq };
  }

  #shared(meeting: MeetingId): MeetingDefinition | undefined {
    const { world, zone } = this.#options;
    const known = zone.definitions.get(meeting);
    // A copy is another zone's to tell of.
    if (known === undefined || known.home !== undefined || !isShared(world, meeting, known)) return undefined;
    return known;
  }

  /** Zones in which the meeting is have copies. One that does not hear it now looks by itself, a little later. */
  async #tellCopies(meeting: MeetingId): Promise<void> {
    const { bus, world } = this.#options;
    const tree = world.records.meetings.get(meeting)?.tree?.value;
    const known = this.#shared(meeting);
    if (tree === undefined || known === undefined) return;
    const others = [tree.root, ...tree.edges.map(({ zone }) => zone)].filter((zone) => zone !== world.own);
    await Promise.allSettled(others.map((zone) => tellZone(bus, zone, meeting, known)));
  }

  /** It is tried again with the next tick. */
  async #keepBlock(block: BlockId): Promise<void> {
    const { zone, log } = this.#options;
    try {
      await zone.keepBlock(block);
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      log.warn({ block, err: error }, 'the registry could not be told of a block of meeting ids');
    }
  }

  /** One at a time; the watch on the blocks tells all controllers of it. */
  async #takeBlock(): Promise<void> {
    const { bus, world, log } = this.#options;
    const { records, own, counts } = world;
    if (this.#isTaking || !records.isComplete || bus.state !== 'connected') return;
    const { homes } = records.meetings;
    const block = chooseBlock((each) => homes.isBlockTaken(each), Math.random());
    if (block === undefined) return log.error('there are no blocks of meeting ids any more');
    this.#isTaking = true;
    try {
      await bus.bucket(BLOCKS_BUCKET).put(block, { zone: own }, ABSENT);
      counts.written.blocks++;
      // The watch tells the same a moment later.
      homes.putBlock(block, own);
      world.ids.putBlock(block, own);
      log.info({ block }, 'a block of meeting ids is taken');
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      // Another zone was faster, or it has to be tried again anyhow.
      counts.failures.blocks++;
      log.warn({ block, err: error }, 'a block of meeting ids could not be taken');
    } finally {
      this.#isTaking = false;
    }
  }
}
