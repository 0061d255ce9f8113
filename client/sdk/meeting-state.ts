/**
 * What the server has said about a meeting: who is there, who speaks, how connections are. A reducer without I/O:
 * messages in, what changed out.
 */
import type { MeetingChange, MeetingEntry, QualityEntry, RosterEntry, ServerMessage } from '../../proto/signalling.ts';
import { applyChanges, type MeetingRecord, NO_RECORD, recordOf } from './meeting-record.ts';

export interface RosterChange {
  joined: RosterEntry[];
  changed: RosterEntry[];
  left: RosterEntry[];
}

export interface RecordChange {
  before: MeetingRecord;
  after: MeetingRecord;
}

/** How good a participant's connection is in each direction, 0 (lost) to 100; undefined while nothing goes there. */
export interface Quality {
  uplink: number | undefined;
  downlink: number | undefined;
}

export class MeetingState {
  /** In the order of arrival. */
  readonly roster = new Map<string, RosterEntry>();
  /** By participant; who is not in it has sent and received too little yet. */
  readonly qualities = new Map<string, Quality>();
  /** Who speaks now, the dominant speaker first; nobody in silence. */
  speakers: readonly string[] = [];
  /** Roles, hands, chat and so on. */
  record: MeetingRecord = NO_RECORD;

  /** Those whose clients are connected. */
  get present(): string[] {
    return [...this.roster.values()].flatMap(({ participant, connected }) => (connected ? [participant] : []));
  }

  /** The whole picture, from `joined` and `resumed`. What is not in it is gone. */
  reset(message: Extract<ServerMessage, { type: 'joined' | 'resumed' }>): RosterChange {
    const present = new Set(message.roster.map((entry) => entry.participant));
    const left = [...this.roster.keys()].filter((participant) => !present.has(participant));
    const change = this.applyRoster(message.roster, left);
    // Told again after this message.
    this.qualities.clear();
    this.speakers = message.speakers;
    return change;
  }

  /** All of the record, said anew. */
  resetRecord(entry: MeetingEntry): RecordChange {
    return this.#setRecord(recordOf(entry, this.record));
  }

  applyChanges(changes: readonly MeetingChange[]): RecordChange {
    return this.#setRecord(applyChanges(this.record, changes));
  }

  applyRoster(entries: readonly RosterEntry[], gone: readonly string[]): RosterChange {
    const change: RosterChange = { joined: [], changed: [], left: [] };
    for (const participant of gone) {
      const entry = this.roster.get(participant);
      if (entry === undefined) continue;
      this.roster.delete(participant);
      this.qualities.delete(participant);
      change.left.push(entry);
    }
    for (const entry of entries) {
      const list = this.roster.has(entry.participant) ? change.changed : change.joined;
      this.roster.set(entry.participant, entry);
      list.push(entry);
    }
    return change;
  }

  applyQualities(entries: readonly QualityEntry[]): void {
    for (const { participant, uplink, downlink } of entries) this.qualities.set(participant, { uplink, downlink });
  }
  #setRecord(after: MeetingRecord): RecordChange {
    const before = this.record;
    this.record = after;
    return { before, after };
  }
}
