/** What a global controller knows of the world, as the bus tells it. It keeps nothing that another could not know. */
import type { Bus, Subscription } from '../../bus/bus.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { parseMeetingId } from '../../zone-controller/meeting/meeting-id.ts';
import { readBlock } from '../blocks/meeting-ids.ts';
import {
  BLOCKS_BUCKET,
  blockRecord,
  DIRECTORY_BUCKET,
  HOMES_BUCKET,
  POLICIES_BUCKET,
  presenceBucket,
  presenceRecord,
  STATUS_PATTERN,
  statusCall,
  TREES_BUCKET,
  zoneOfDirectoryKey,
} from '../buckets.ts';
import { type HomeRecord, homeRecord } from '../meetings/home-record.ts';
import { Policies } from '../policies/policies.ts';
import { policyRecord } from '../policies/policy.ts';
import { readPolicyScope } from '../policies/policy-scope.ts';
import { CutMemory } from '../trees/cut-memory.ts';
import { TREE_POLICY } from '../trees/tree-policy.ts';
import { type TreeRecord, treeRecord } from '../trees/zone-tree.ts';
import { MeetingWorld } from '../world/meeting-world.ts';
import type { PlanningWorld } from '../world/plan-meeting.ts';
import { ZoneDirectory, type ZoneEvent } from '../zones/zone-directory.ts';
import { type ZoneRecord, zoneRecord } from '../zones/zone-record.ts';
import { readZoneStatus, type ZoneStatus } from '../zones/zone-status.ts';
import { type WatchedRecords, watchRecords } from './watch-records.ts';

export class WorldMirror {
  readonly directory = new ZoneDirectory();
  readonly policies = new Policies();
  readonly meetings = new MeetingWorld();
  readonly #cuts = new CutMemory(TREE_POLICY);
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #watches: WatchedRecords[] = [];
  readonly #presences = new Map<ZoneId, WatchedRecords>();
  #statuses: Subscription | undefined;
  #wrongStatuses = 0;

  /** `now`: a clock that does not jump, milliseconds. */
  constructor(bus: Bus, now: () => number, log: Logger) {
    this.#bus = bus;
    this.#now = now;
    this.#log = log;
  }

  start(): void {
    this.#statuses = this.#bus.subscribe(STATUS_PATTERN, {
      // Who signed it is who it is about.
      message: ({ sender, payload }) => this.#status(sender.zone as ZoneId, readZoneStatus(payload), false),
    });
    this.#watches.push(
      watchRecords(this.#bus, { bucket: DIRECTORY_BUCKET, schema: zoneRecord, ...this.#directoryWatch() }, this.#log),
      watchRecords(this.#bus, { bucket: POLICIES_BUCKET, schema: policyRecord, ...this.#policyWatch() }, this.#log),
      watchRecords(this.#bus, { bucket: BLOCKS_BUCKET, schema: blockRecord, ...this.#blockWatch() }, this.#log),
      watchRecords(this.#bus, { bucket: HOMES_BUCKET, schema: homeRecord, ...this.#homeWatch() }, this.#log),
      watchRecords(this.#bus, { bucket: TREES_BUCKET, schema: treeRecord, ...this.#treeWatch() }, this.#log),
    );
  }

  close(): void {
    this.#statuses?.close();
    for (const watch of [...this.#watches, ...this.#presences.values()]) watch.close();
  }

  /** Of every bucket. Before that, what is planned could undo what is only not known yet. */
  get isComplete(): boolean {
    return (
      this.#watches.length > 0 && [...this.#watches, ...this.#presences.values()].every(({ isComplete }) => isComplete)
    );
  }

  /** Records and statuses that could not be read. */
  get malformed(): number {
    const records = [...this.#watches, ...this.#presences.values()].reduce((sum, { malformed }) => sum + malformed, 0);
    return records + this.#wrongStatuses;
  }

  /** What has come with time. */
  tick(): void {
    this.#handle(this.directory.handleTimeout(this.#now()));
  }

  planningWorld(): PlanningWorld {
    const nowMs = this.#now();
    const zones = new Map(this.directory.zones(nowMs).map((known) => [known.zone, known]));
    return { zones, policies: this.policies, meetings: this.meetings, cuts: this.#cuts, nowMs };
  }

  #status(zone: ZoneId, status: ZoneStatus | undefined, isAnswer: boolean): void {
    if (status === undefined) {
      this.#wrongStatuses++;
      return;
    }
    const nowMs = this.#now();
    for (const trunk of status.trunks)
      if (!trunk.up && this.#isRecorded(trunk.zone)) this.#cuts.down(zone, trunk.zone, nowMs);
    const { directory } = this;
    this.#handle(
      isAnswer ? directory.handleSnapshot(zone, status, nowMs) : directory.handleStatus(zone, status, nowMs),
    );
  }

  #isRecorded(zone: ZoneId): boolean {
    return this.directory.zone(zone, this.#now()) !== undefined;
  }

  #handle(events: readonly ZoneEvent[]): void {
    for (const event of events) {
      if (event.type === 'askSnapshot') void this.#askSnapshot(event.zone);
      else this.#log.info({ ...event }, 'a zone has changed');
    }
  }

  /** It is asked again when nothing comes. */
  async #askSnapshot(zone: ZoneId): Promise<void> {
    try {
      const { payload } = await this.#bus.request(statusCall(zone), {}, { timeoutMs: 1_000 });
      this.#status(zone, readZoneStatus(payload), true);
    } catch (error) {
      this.#log.debug({ zone, err: error }, 'a zone did not answer');
    }
  }

  #directoryWatch() {
    return {
      put: (key: string, record: ZoneRecord): void => {
        const zone = zoneOfDirectoryKey(key);
        if (zone === undefined) return;
        this.#handle(this.directory.putRecord(zone, record, this.#now()));
        if (!this.#presences.has(zone)) this.#presences.set(zone, this.#watchPresence(zone));
      },
      gone: (key: string): void => {
        const zone = zoneOfDirectoryKey(key);
        if (zone === undefined) return;
        this.directory.deleteRecord(zone);
        this.#cuts.forget(zone);
        this.#presences.get(zone)?.close();
        this.#presences.delete(zone);
        for (const { meeting, present } of [...this.meetings.all()]) {
          if (present.has(zone)) this.meetings.setPresence(zone, meeting, undefined);
        }
      },
    };
  }

  #watchPresence(zone: ZoneId): WatchedRecords {
    const bucket = presenceBucket(zone);
    return watchRecords(
      this.#bus,
      {
        bucket,
        schema: presenceRecord,
        put: (key, record) => withMeeting(key, (meeting) => this.meetings.setPresence(zone, meeting, record)),
        gone: (key) => withMeeting(key, (meeting) => this.meetings.setPresence(zone, meeting, undefined)),
      },
      this.#log,
    );
  }

  #policyWatch() {
    return {
      put: (key: string, record: Parameters<Policies['put']>[1]): void => {
        const scope = readPolicyScope(key);
        if (scope !== undefined) this.policies.put(scope, record);
      },
      // A policy is never deleted; what it said goes on.
      gone: (key: string): void => this.#log.warn({ key }, 'a policy is gone'),
    };
  }

  #blockWatch() {
    return {
      put: (
        key: string,
        { zone }: { readonly zone: ZoneId },
        { sender }: { readonly sender: { readonly zone: string } },
      ): void => {
        const block = readBlock(key);
        if (block === undefined || sender.zone !== zone || !this.meetings.homes.putBlock(block, zone)) {
          this.#log.warn({ key, zone, sender: sender.zone }, 'a block is not theirs');
        }
      },
      gone: (key: string): void => this.#log.warn({ key }, 'a block is gone'),
    };
  }

  #homeWatch() {
    return {
      put: (key: string, record: HomeRecord, { revision }: { readonly revision: number }): void =>
        withMeeting(key, (meeting) => {
          if (this.meetings.homes.putHome(meeting, record)) this.meetings.setHomeRevision(meeting, revision);
        }),
      gone: (key: string): void =>
        withMeeting(key, (meeting) => {
          this.meetings.homes.forgetHome(meeting);
          this.meetings.setHomeRevision(meeting, undefined);
        }),
    };
  }

  #treeWatch() {
    return {
      put: (key: string, value: TreeRecord, { revision }: { readonly revision: number }): void =>
        withMeeting(key, (meeting) => this.meetings.setTree(meeting, { value, revision })),
      gone: (key: string): void => withMeeting(key, (meeting) => this.meetings.setTree(meeting, undefined)),
    };
  }
}

/** Keys that are no meeting's are nobody's. */
function withMeeting(key: string, then: (meeting: MeetingId) => void): void {
  const meeting = parseMeetingId(key);
  if (meeting !== undefined) then(meeting);
}
