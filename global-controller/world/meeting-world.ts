/** Meetings that are in some zone, or have a tree: where their people are, and what is written of them. */
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { PresenceRecord } from '../buckets.ts';
import { MeetingDirectory } from '../meetings/meeting-directory.ts';
import type { TreeMemory } from '../trees/plan-tree.ts';
import type { TreeRecord } from '../trees/zone-tree.ts';

/** A value and the revision that a write which replaces it names. */
export interface Kept<Value> {
  readonly value: Value;
  readonly revision: number;
}

export interface KnownMeeting {
  readonly meeting: MeetingId;
  readonly present: Map<ZoneId, PresenceRecord>;
  tree: Kept<TreeRecord> | undefined;
  /** Of the last plan for its tree here. */
  memory: TreeMemory | undefined;
}

export class MeetingWorld {
  readonly homes = new MeetingDirectory();
  /** Of records in `homes`. */
  readonly #homeRevisions = new Map<MeetingId, number>();
  readonly #meetings = new Map<MeetingId, KnownMeeting>();

  /** undefined: it is not there any more. */
  setPresence(zone: ZoneId, meeting: MeetingId, record: PresenceRecord | undefined): void {
    const known = this.#known(meeting);
    if (record === undefined) known.present.delete(zone);
    else known.present.set(zone, record);
    this.#forgetIfEmpty(known);
  }

  setTree(meeting: MeetingId, tree: Kept<TreeRecord> | undefined): void {
    const known = this.#known(meeting);
    known.tree = tree;
    this.#forgetIfEmpty(known);
  }

  setHomeRevision(meeting: MeetingId, revision: number | undefined): void {
    if (revision === undefined) this.#homeRevisions.delete(meeting);
    else this.#homeRevisions.set(meeting, revision);
  }

  /** undefined: it has no record. */
  homeRevision(meeting: MeetingId): number | undefined {
    return this.#homeRevisions.get(meeting);
  }

  get(meeting: MeetingId): KnownMeeting | undefined {
    return this.#meetings.get(meeting);
  }

  all(): Iterable<KnownMeeting> {
    return this.#meetings.values();
  }

  get size(): number {
    return this.#meetings.size;
  }

  #known(meeting: MeetingId): KnownMeeting {
    const known = this.#meetings.get(meeting) ?? { meeting, present: new Map(), tree: undefined, memory: undefined };
    this.#meetings.set(meeting, known);
    return known;
  }

  #forgetIfEmpty({ meeting, present, tree }: KnownMeeting): void {
    if (present.size === 0 && tree === undefined) this.#meetings.delete(meeting);
  }
}
