/**
 * What the server has said about a meeting: who is there, who speaks, how connections are. A reducer without I/O:
 * messages in, what changed out.
 */
import type { QualityEntry, RosterEntry, ServerMessage } from '../../proto/signalling.ts';

export interface RosterChange {
  joined: RosterEntry[];
  changed: RosterEntry[];
  left: RosterEntry[];
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
}
