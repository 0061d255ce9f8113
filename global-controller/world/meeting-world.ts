/** Meetings that are in some zone, have a tree, or are away from home: where their people are, and what is written of them. */
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
  /** Of which something has changed since they were taken; the first to change is the first. */
  readonly #changed = new Set<MeetingId>();

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
    this.#forgetIfEmpty(this.#known(meeting));
  }

  /** undefined: it has no record. */
  homeRevision(meeting: MeetingId): number | undefined {
    return this.#homeRevisions.get(meeting);
  }

  /** To be looked at soon. */
  mark(meeting: MeetingId): void {
    if (this.#meetings.has(meeting)) this.#changed.add(meeting);
  }

  /** All that are in a zone, or whose tree has it. */
  markZone(zone: ZoneId): void {
    for (const { meeting, present, tree } of this.#meetings.values()) {
      if (present.has(zone) || tree?.value.edges.some((edge) => edge.zone === zone || edge.parent === zone))
        this.#changed.add(meeting);
    }
  }

  /** The next one of which something has changed. */
  takeChanged(): KnownMeeting | undefined {
    const [meeting] = this.#changed;
    if (meeting === undefined) return undefined;
    this.#changed.delete(meeting);
    return this.#meetings.get(meeting);
  }

  /** How many have changed and were not taken. */
  get changed(): number {
    return this.#changed.size;
  }

  get(meeting: MeetingId): KnownMeeting | undefined {
    return this.#meetings.get(meeting);
  }

  /** Bears changes while it is gone through. */
  all(): MapIterator<KnownMeeting> {
    return this.#meetings.values();
  }

  get size(): number {
    return this.#meetings.size;
  }

  #known(meeting: MeetingId): KnownMeeting {
    const known = this.#meetings.get(meeting) ?? { meeting, present: new Map(), tree: undefined, memory: undefined };
    this.#meetings.set(meeting, known);
    this.#changed.add(meeting);
    return known;
  }

  #forgetIfEmpty({ meeting, present, tree }: KnownMeeting): void {
    if (present.size > 0 || tree !== undefined || this.#isAway(meeting)) return;
    this.#meetings.delete(meeting);
    this.#changed.delete(meeting);
  }

  /** Somebody has to send it back to its block's zone. */
  #isAway(meeting: MeetingId): boolean {
    return this.#homeRevisions.has(meeting) && this.homes.home(meeting)?.zone !== this.homes.blockZone(meeting);
  }
}
