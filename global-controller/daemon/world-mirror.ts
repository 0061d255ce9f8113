/** What a global controller knows of the world, as the bus tells it. It keeps nothing that another could not know. */
import type { Bus, Subscription } from '../../bus/bus.ts';
import type { ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { presenceBucket, presenceRecord, STATUS_PATTERN, statusCall } from '../buckets.ts';
import { type WatchedRecords, watchRecords } from '../mirror/watch-records.ts';
import { WorldRecords, withMeeting } from '../mirror/world-records.ts';
import type { Policies } from '../policies/policies.ts';
import { CutMemory } from '../trees/cut-memory.ts';
import { TREE_POLICY } from '../trees/tree-policy.ts';
import type { MeetingWorld } from '../world/meeting-world.ts';
import type { PlanningWorld } from '../world/plan-meeting.ts';
import { ZoneDirectory, type ZoneEvent } from '../zones/zone-directory.ts';
import type { ZoneRecord } from '../zones/zone-record.ts';
import { readZoneStatus, type ZoneStatus } from '../zones/zone-status.ts';

export class WorldMirror {
  readonly directory = new ZoneDirectory();
  readonly #records: WorldRecords;
  readonly #cuts = new CutMemory(TREE_POLICY);
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #presences = new Map<ZoneId, WatchedRecords>();
  #statuses: Subscription | undefined;
  #wrongStatuses = 0;

  /** `now`: a clock that does not jump, milliseconds. */
  constructor(bus: Bus, now: () => number, log: Logger) {
    this.#bus = bus;
    this.#now = now;
    this.#log = log;
    this.#records = new WorldRecords({ zone: (zone, record) => this.#zone(zone, record) }, log);
  }

  get policies(): Policies {
    return this.#records.policies;
  }

  get meetings(): MeetingWorld {
    return this.#records.meetings;
  }

  start(): void {
    this.#statuses = this.#bus.subscribe(STATUS_PATTERN, {
      // Who signed it is who it is about.
      message: ({ sender, payload }) => this.#status(sender.zone as ZoneId, readZoneStatus(payload), false),
    });
    this.#records.start(this.#bus);
    this.#records.readBlocks();
  }

  close(): void {
    this.#statuses?.close();
    this.#records.close();
    for (const watch of this.#presences.values()) watch.close();
  }

  /** Of every bucket. Before that, what is planned could undo what is only not known yet. */
  get isComplete(): boolean {
    return this.#records.isComplete && [...this.#presences.values()].every(({ isComplete }) => isComplete);
  }

  /** Records and statuses that could not be read. */
  get malformed(): number {
    const presences = [...this.#presences.values()].reduce((sum, { malformed }) => sum + malformed, 0);
    return this.#records.malformed + presences + this.#wrongStatuses;
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
    for (const trunk of status.trunks) {
      if (trunk.up || !this.#isRecorded(trunk.zone)) continue;
      if (!this.#cuts.isSuspect(zone, trunk.zone, nowMs)) this.meetings.markZone(zone);
      this.#cuts.down(zone, trunk.zone, nowMs);
    }
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
      else {
        this.#log.info({ ...event }, 'a zone has changed');
        this.meetings.markZone(event.zone);
      }
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

  #zone(zone: ZoneId, record: ZoneRecord | undefined): void {
    if (record !== undefined) {
      this.#handle(this.directory.putRecord(zone, record, this.#now()));
      if (!this.#presences.has(zone)) this.#presences.set(zone, this.#watchPresence(zone));
      return;
    }
    this.directory.deleteRecord(zone);
    this.#cuts.forget(zone);
    this.#presences.get(zone)?.close();
    this.#presences.delete(zone);
    for (const { meeting, present } of [...this.meetings.all()]) {
      if (present.has(zone)) this.meetings.setPresence(zone, meeting, undefined);
    }
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
}
