/**
 * What the server has said about a meeting: who is there, what each slot carries, who speaks. A reducer without I/O:
 * messages in, what changed out.
 */
import type { QualityEntry, RosterEntry, ServerMessage, SlotEntry, SourceKind } from '../../proto/signalling.ts';

export interface RosterChange {
  joined: RosterEntry[];
  changed: RosterEntry[];
  left: RosterEntry[];
}

export interface SlotContent {
  participant: string;
  kind: SourceKind;
  /** True: our bandwidth does not allow this picture now, it stands still. */
  suspended: boolean;
}

/** How good a participant's connection is in each direction, 0 (lost) to 100; undefined while nothing goes there. */
export interface Quality {
  uplink: number | undefined;
  downlink: number | undefined;
}

export class MeetingState {
  /** In the order of arrival. */
  readonly roster = new Map<string, RosterEntry>();
  /** By mid; a slot that carries nothing is not in it. */
  readonly slots = new Map<string, SlotContent>();
  /** By participant; who is not in it has sent and received too little yet. */
  readonly qualities = new Map<string, Quality>();
  /** Who speaks now, the dominant speaker first; nobody in silence. */
  speakers: readonly string[] = [];

  /** The whole picture, from `joined` and `resumed`. What is not in it is gone. */
  reset(message: Extract<ServerMessage, { type: 'joined' | 'resumed' }>): RosterChange {
    const present = new Set(message.roster.map((entry) => entry.participant));
    const left = [...this.roster.keys()].filter((participant) => !present.has(participant));
    const change = this.applyRoster(message.roster, left);
    this.slots.clear();
    // Told again after this message.
    this.qualities.clear();
    this.applySlots(message.slots);
    this.speakers = message.speakers;
    return change;
  }

  applyRoster(entries: readonly RosterEntry[], gone: readonly string[]): RosterChange {
    const change: RosterChange = { joined: [], changed: [], left: [] };
    for (const participant of gone) {
      const entry = this.roster.get(participant);
      if (entry === undefined) continue;
      this.roster.delete(participant);
      this.qualities.delete(participant);
      change.left.push(entry);
      for (const [mid, content] of this.slots) if (content.participant === participant) this.slots.delete(mid);
    }
    for (const entry of entries) {
      const list = this.roster.has(entry.participant) ? change.changed : change.joined;
      this.roster.set(entry.participant, entry);
      list.push(entry);
    }
    return change;
  }

  applySlots(entries: readonly SlotEntry[]): void {
    for (const { mid, participant, kind, suspended = false } of entries) {
      if (participant === undefined || participant === '' || kind === undefined) this.slots.delete(mid);
      else this.slots.set(mid, { participant, kind, suspended });
    }
  }

  applyQualities(entries: readonly QualityEntry[]): void {
    for (const { participant, uplink, downlink } of entries) this.qualities.set(participant, { uplink, downlink });
  }

  /** The mid of the slot that carries a source now. */
  slotOf(participant: string, kind: SourceKind): string | undefined {
    for (const [mid, content] of this.slots) {
      if (content.participant === participant && content.kind === kind) return mid;
    }
    return undefined;
  }
}
