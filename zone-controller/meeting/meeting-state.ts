/**
 * A controller's mirror of one meeting: what its router last told of it. A snapshot begins it, deltas follow; what
 * clients are to be told of the roster and the connections is collected. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ParticipantId } from '../../common/ids.ts';
import type { EncodingEntry, QualityEntry, RosterEntry, SlotEntry, SourceKind } from '../../proto/signalling.ts';

export interface SourceEncodings {
  readonly source: SourceKind;
  /** All of that source. */
  readonly encodings: EncodingEntry[];
}

/** Somebody whose home this controller is, and what is his alone. */
export interface HomedParticipant {
  readonly participant: ParticipantId;
  readonly attachment: number;
  readonly slots: readonly SlotEntry[];
  readonly encodings: readonly SourceEncodings[];
}

export interface MeetingSnapshot {
  readonly version: number;
  readonly roster: readonly RosterEntry[];
  readonly speakers: readonly ParticipantId[];
  readonly qualities: readonly QualityEntry[];
  readonly homed: readonly HomedParticipant[];
}

export interface RosterDelta {
  readonly changed: readonly RosterEntry[];
  readonly left: readonly string[];
}

interface Homed {
  readonly attachment: number;
  readonly slots: Map<string, SlotEntry>;
  readonly encodings: Map<SourceKind, EncodingEntry[]>;
}

export class MeetingState {
  readonly #roster = new Map<string, RosterEntry>();
  readonly #qualities = new Map<string, QualityEntry>();
  readonly #homed = new Map<ParticipantId, Homed>();
  readonly #changed = new Set<string>();
  readonly #left = new Set<string>();
  readonly #qualityChanged = new Set<string>();
  #speakers: readonly ParticipantId[] = [];
  /** Of the roster; undefined while nothing is known. */
  #version: number | undefined;

  get size(): number {
    return this.#roster.size;
  }

  /** Those whose home this controller is, with the attachment that made it that. */
  get homed(): ReadonlyMap<ParticipantId, { readonly attachment: number }> {
    return this.#homed;
  }

  has(participant: string): boolean {
    return this.#roster.has(participant);
  }

  isConnected(participant: string): boolean {
    return this.#roster.get(participant)?.connected ?? false;
  }

  /**
   * All is as the router says; the difference to what was known is to be told. When nothing was, nobody of ours was in the
   * meeting: whoever comes now is told the whole.
   */
  reset({ version, roster, speakers, qualities, homed }: MeetingSnapshot): void {
    const wasKnown = this.#version !== undefined;
    const present = new Set(roster.map(({ participant }) => participant));
    for (const participant of [...this.#roster.keys()]) if (!present.has(participant)) this.#remove(participant);
    for (const entry of roster) this.#put(entry);
    this.#version = version;
    this.setSpeakers(speakers);
    this.setQualities(qualities);
    this.#homed.clear();
    for (const each of homed) this.home(each);
    if (wasKnown) return;
    for (const changes of [this.#changed, this.#left, this.#qualityChanged]) changes.clear();
  }

  /** The router tells nothing of the meeting any more: nobody's home is here. */
  forget(): void {
    this.#homed.clear();
    this.#version = undefined;
  }

  /** What the roster's next version has changed; nothing when no snapshot came before. */
  changeRoster(version: number, { changed, left }: RosterDelta): void {
    if (this.#version === undefined || version <= this.#version) return;
    this.#version = version;
    for (const participant of left) this.#remove(participant);
    for (const entry of changed) this.#put(entry);
  }

  /** This controller is his home. */
  home({ participant, attachment, slots, encodings }: HomedParticipant): void {
    this.#homed.set(participant, {
      attachment,
      slots: new Map(slots.map((slot) => [slot.mid, slot])),
      encodings: new Map(encodings.map(({ source, encodings: each }) => [source, each])),
    });
  }

  /** This controller is not his home any more. Without anybody, the router tells nothing more of the meeting. */
  unhome(participant: ParticipantId): void {
    this.#homed.delete(participant);
    if (this.#homed.size === 0) this.forget();
  }

  setSlots(participant: ParticipantId, slots: readonly SlotEntry[]): void {
    for (const slot of slots) this.#homed.get(participant)?.slots.set(slot.mid, slot);
  }

  setEncodings(participant: ParticipantId, { source, encodings }: SourceEncodings): void {
    this.#homed.get(participant)?.encodings.set(source, encodings);
  }

  setSpeakers(speakers: readonly ParticipantId[]): void {
    this.#speakers = speakers.filter((speaker) => this.has(speaker));
  }

  /** Of those whose connection changed noticeably. */
  setQualities(qualities: readonly QualityEntry[]): void {
    for (const quality of qualities) {
      const { participant } = quality;
      const before = this.#qualities.get(participant);
      if (!this.has(participant)) continue;
      if (before?.uplink === quality.uplink && before?.downlink === quality.downlink) continue;
      this.#qualities.set(participant, quality);
      this.#qualityChanged.add(participant);
    }
  }

  /** In the order of arrival. */
  roster(): RosterEntry[] {
    return [...this.#roster.values()];
  }

  /** The slots of one participant that carry something. */
  slotsOf(participant: ParticipantId): SlotEntry[] {
    const slots = this.#homed.get(participant)?.slots.values() ?? [];
    return [...slots].filter((slot) => slot.participant !== undefined);
  }

  /** Which encodings of a participant's own sources anybody needs, as far as the router has said so. */
  encodingsOf(participant: ParticipantId): SourceEncodings[] {
    const encodings = this.#homed.get(participant)?.encodings ?? [];
    return [...encodings].map(([source, each]) => ({ source, encodings: each }));
  }

  /** Of everybody whose connection is known. */
  qualities(): QualityEntry[] {
    return [...this.#qualities.values()];
  }

  /** Who speaks now, the dominant speaker first; nobody in silence. */
  get speakers(): readonly ParticipantId[] {
    return this.#speakers;
  }

  get hasDelta(): boolean {
    return this.#changed.size > 0 || this.#left.size > 0;
  }

  /** What changed on the roster since the last call. */
  takeDelta(): { readonly changed: RosterEntry[]; readonly left: string[] } {
    const changed = [...this.#changed].flatMap((participant) => this.#roster.get(participant) ?? []);
    const left = [...this.#left];
    this.#changed.clear();
    this.#left.clear();
    return { changed, left };
  }

  get hasQualityDelta(): boolean {
    return this.#qualityChanged.size > 0;
  }

  /** The connections that changed since the last call. */
  takeQualityDelta(): QualityEntry[] {
    const changed = [...this.#qualityChanged].flatMap((participant) => this.#qualities.get(participant) ?? []);
    this.#qualityChanged.clear();
    return changed;
  }

  #put(entry: RosterEntry): void {
    const { participant } = entry;
    if (isDeepStrictEqual(this.#roster.get(participant), entry)) return;
    this.#roster.set(participant, entry);
    this.#changed.add(participant);
    this.#left.delete(participant);
  }

  #remove(participant: string): void {
    if (!this.#roster.delete(participant)) return;
    this.#qualities.delete(participant);
    this.#qualityChanged.delete(participant);
    this.#changed.delete(participant);
    this.#speakers = this.#speakers.filter((speaker) => speaker !== participant);
    this.#left.add(participant);
  }
}
