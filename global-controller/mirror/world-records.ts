/**
 * What the buckets say that all zones read: directory, policies, blocks, homes and trees, kept as last seen. Global controllers and zones
 * have one each; what else they hear is their own.
 */
import type { BucketEntry } from '../../bus/bucket.ts';
import type { Bus } from '../../bus/bus.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { parseMeetingId } from '../../zone-controller/meeting/meeting-id.ts';
import { type BlockId, readBlock } from '../blocks/meeting-ids.ts';
import {
  BLOCKS_BUCKET,
  blockRecord,
  DIRECTORY_BUCKET,
  HOMES_BUCKET,
  POLICIES_BUCKET,
  TREES_BUCKET,
  zoneOfDirectoryKey,
} from '../buckets.ts';
import { type HomeRecord, homeRecord } from '../meetings/home-record.ts';
import { Policies } from '../policies/policies.ts';
import { type PolicyRecord, policyRecord } from '../policies/policy.ts';
import { readPolicyScope } from '../policies/policy-scope.ts';
import { type TreeRecord, treeRecord } from '../trees/zone-tree.ts';
import { type Kept, MeetingWorld } from '../world/meeting-world.ts';
import { type ZoneRecord, zoneRecord } from '../zones/zone-record.ts';
import { type WatchedRecords, watchRecords } from './watch-records.ts';

export interface RecordsListener {
  /** A zone is in the directory, or its record has changed; undefined: it is not any more. */
  zone(zone: ZoneId, record: ZoneRecord | undefined): void;
  /** The directory has been read. */
  directoryRead?(): void;
  policy?(): void;
  block?(block: BlockId, zone: ZoneId): void;
  /** The tree of a meeting has changed, or is gone. */
  tree?(meeting: MeetingId): void;
}

export class WorldRecords {
  readonly policies = new Policies();
  readonly meetings = new MeetingWorld();
  #bus: Bus | undefined;
  readonly #listener: RecordsListener;
  readonly #log: Logger;
  readonly #watches: WatchedRecords[] = [];
  #blocks: WatchedRecords | undefined;

  constructor(listener: RecordsListener, log: Logger) {
    this.#listener = listener;
    this.#log = log;
  }

  /** Reads all but blocks: what only global controllers write. */
  start(bus: Bus): void {
    this.#bus = bus;
    const log = this.#log;
    const complete = (): void => this.#listener.directoryRead?.();
    this.#watches.push(
      watchRecords(bus, { bucket: DIRECTORY_BUCKET, schema: zoneRecord, complete, ...this.#directoryWatch() }, log),
      watchRecords(bus, { bucket: POLICIES_BUCKET, schema: policyRecord, ...this.#policyWatch() }, log),
      watchRecords(bus, { bucket: HOMES_BUCKET, schema: homeRecord, ...this.#homeWatch() }, log),
      watchRecords(bus, { bucket: TREES_BUCKET, schema: treeRecord, ...this.#treeWatch() }, log),
    );
  }

  /**
   * Reads the blocks, from the beginning again whenever this is called: what is signed with a key that was not known yet is not
   * believed. What was believed stays.
   */
  readBlocks(): void {
    this.#blocks?.close();
    if (this.#bus === undefined) return;
    const watch = { bucket: BLOCKS_BUCKET, schema: blockRecord, ...this.#blockWatch() };
    this.#blocks = watchRecords(this.#bus, watch, this.#log);
  }

  close(): void {
    for (const watch of this.#all) watch.close();
  }

  /** Of every bucket. Before that, what is not known may be there. */
  get isComplete(): boolean {
    return this.#blocks !== undefined && this.#all.every(({ isComplete }) => isComplete);
  }

  /** Records that could not be read. */
  get malformed(): number {
    return this.#all.reduce((sum, { malformed }) => sum + malformed, 0);
  }

  get #all(): WatchedRecords[] {
    return this.#blocks === undefined ? this.#watches : [...this.#watches, this.#blocks];
  }

  #directoryWatch() {
    const tell = (key: string, record: ZoneRecord | undefined): void => {
      const zone = zoneOfDirectoryKey(key);
      if (zone !== undefined) this.#listener.zone(zone, record);
    };
    return {
      put: tell,
      gone: (key: string): void => tell(key, undefined),
    };
  }

  #policyWatch() {
    return {
      put: (key: string, record: PolicyRecord): void => {
        const scope = readPolicyScope(key);
        if (scope !== undefined && this.policies.put(scope, record)) this.#listener.policy?.();
      },
      // A policy is never deleted; what it said goes on.
      gone: (key: string): void => this.#log.warn({ key }, 'a policy is gone'),
    };
  }

  #blockWatch() {
    return {
      put: (key: string, { zone }: { readonly zone: ZoneId }, { sender }: Pick<BucketEntry, 'sender'>): void => {
        const block = readBlock(key);
        if (block === undefined || sender.zone !== zone || !this.meetings.homes.putBlock(block, zone)) {
          this.#log.warn({ key, zone, sender: sender.zone }, 'a block is not theirs');
        } else this.#listener.block?.(block, zone);
      },
      gone: (key: string): void => this.#log.warn({ key }, 'a block is gone'),
    };
  }

  #homeWatch() {
    return {
      put: (key: string, record: HomeRecord, { revision }: BucketEntry): void =>
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
    const set = (key: string, tree: Kept<TreeRecord> | undefined): void =>
      withMeeting(key, (meeting) => {
        this.meetings.setTree(meeting, tree);
        this.#listener.tree?.(meeting);
      });
    return {
      put: (key: string, value: TreeRecord, { revision }: BucketEntry): void => set(key, { value, revision }),
      gone: (key: string): void => set(key, undefined),
    };
  }
}

/** Keys that are no meeting's are nobody's. */
export function withMeeting(key: string, then: (meeting: MeetingId) => void): void {
  const meeting = parseMeetingId(key);
  if (meeting !== undefined) then(meeting);
}
