/**
 * What is known of one live meeting: who is in it, what each slot carries, who speaks. A reducer without I/O: events
 * in, the roster and its deltas out.
 */
import type { ParticipantId } from '../../common/ids.ts';
import type { EncodingEntry, QualityEntry, RosterEntry, SlotEntry, SourceKind } from '../../proto/signalling.ts';

export type MeetingEvent =
  /** Asked the router to let somebody in; not on the roster yet, but slots may be assigned already. */
  | {
      readonly type: 'joining';
      readonly participant: ParticipantId;
      readonly name: string;
      readonly sources: readonly SourceKind[];
      readonly muted: readonly SourceKind[];
    }
  | { readonly type: 'entered'; readonly participant: ParticipantId }
  | { readonly type: 'sources'; readonly participant: ParticipantId; readonly sources: readonly SourceKind[] }
  | {
      readonly type: 'muted';
      readonly participant: ParticipantId;
      readonly source: SourceKind;
      readonly muted: boolean;
    }
  /** Whether the participant's WebSocket is there. */
  | { readonly type: 'attached'; readonly participant: ParticipantId; readonly attached: boolean }
  | { readonly type: 'left'; readonly participant: ParticipantId }
  /** The slots that changed. */
  | { readonly type: 'slots'; readonly participant: ParticipantId; readonly slots: readonly SlotEntry[] }
  /** Which encodings of the participant's own source anybody needs; all of that source. */
  | {
      readonly type: 'encodings';
      readonly participant: ParticipantId;
      readonly source: SourceKind;
      readonly encodings: readonly EncodingEntry[];
    }
  | { readonly type: 'speakers'; readonly speakers: readonly ParticipantId[] }
  /** Of those whose connection changed noticeably. */
  | { readonly type: 'quality'; readonly qualities: readonly QualityEntry[] };

export interface SourceEncodings {
  readonly source: SourceKind;
  readonly encodings: EncodingEntry[];
}

export interface RosterDelta {
  readonly changed: RosterEntry[];
  readonly left: ParticipantId[];
}

interface Member {
  readonly name: string;
  readonly sources: Set<SourceKind>;
  readonly muted: Set<SourceKind>;
  readonly slots: Map<string, SlotEntry>;
  readonly encodings: Map<SourceKind, EncodingEntry[]>;
  quality: QualityEntry | undefined;
  entered: boolean;
  attached: boolean;
}

export class MeetingState {
  readonly #members = new Map<ParticipantId, Member>();
  readonly #changed = new Set<ParticipantId>();
  readonly #left = new Set<ParticipantId>();
  readonly #qualityChanged = new Set<ParticipantId>();
  #speakers: readonly ParticipantId[] = [];

  /** Everybody, also those whom the router has not let in yet. */
  get size(): number {
    return this.#members.size;
  }

  has(participant: ParticipantId): boolean {
    return this.#members.has(participant);
  }

  isEntered(participant: ParticipantId): boolean {
    return this.#members.get(participant)?.entered ?? false;
  }

  /** Events about somebody who is not there (any more) change nothing. */
  apply(event: MeetingEvent): void {
    if (event.type === 'speakers') {
      this.#speakers = event.speakers.filter((speaker) => this.isEntered(speaker));
      return;
    }
    if (event.type === 'quality') {
      this.#applyQuality(event.qualities);
      return;
    }
    if (event.type === 'joining') {
      this.#members.set(event.participant, newMember(event));
      return;
    }
    const member = this.#members.get(event.participant);
    if (member === undefined) return;
    if (event.type === 'slots') {
      for (const slot of event.slots) member.slots.set(slot.mid, slot);
      return;
    }
    if (event.type === 'encodings') {
      member.encodings.set(event.source, [...event.encodings]);
      return;
    }
    if (event.type === 'left') this.#remove(event.participant, member);
    else if (changeMember(member, event) && member.entered) this.#changed.add(event.participant);
  }

  /** In the order of arrival. */
  roster(): RosterEntry[] {
    return [...this.#members].flatMap(([id, member]) => (member.entered ? [rosterEntry(id, member)] : []));
  }

  /** The slots of one participant that carry something. */
  slotsOf(participant: ParticipantId): SlotEntry[] {
    const slots = this.#members.get(participant)?.slots.values() ?? [];
    return [...slots].filter((slot) => slot.participant !== undefined);
  }

  /** Which encodings of a participant's own sources anybody needs, as far as the router has said so. */
  encodingsOf(participant: ParticipantId): SourceEncodings[] {
    const encodings = this.#members.get(participant)?.encodings ?? [];
    return [...encodings].map(([source, each]) => ({ source, encodings: each }));
  }

  /** Of everybody whose connection is known. */
  qualities(): QualityEntry[] {
    return [...this.#members.values()].flatMap(({ quality }) => quality ?? []);
  }

  get hasQualityDelta(): boolean {
    return this.#qualityChanged.size > 0;
  }

  /** The connections that changed since the last call. */
  takeQualityDelta(): QualityEntry[] {
    const changed = [...this.#qualityChanged].flatMap((id) => this.#members.get(id)?.quality ?? []);
    this.#qualityChanged.clear();
    return changed;
  }

  /** Who speaks now, the dominant speaker first; nobody in silence. */
  get speakers(): readonly ParticipantId[] {
    return this.#speakers;
  }

  get hasDelta(): boolean {
    return this.#changed.size > 0 || this.#left.size > 0;
  }

  /** What changed on the roster since the last call. */
  takeDelta(): RosterDelta {
    const changed = [...this.#changed].flatMap((id) => {
      const member = this.#members.get(id);
      return member === undefined ? [] : [rosterEntry(id, member)];
    });
    const left = [...this.#left];
    this.#changed.clear();
    this.#left.clear();
    return { changed, left };
  }

  #applyQuality(qualities: readonly QualityEntry[]): void {
    for (const quality of qualities) {
      const participant = quality.participant as ParticipantId; // The router has its ids from us.
      const member = this.#members.get(participant);
      // Nothing has been sent yet by somebody who is not in.
      if (!member?.entered) continue;
      const { quality: before } = member;
      if (before?.uplink === quality.uplink && before?.downlink === quality.downlink) continue;
      member.quality = quality;
      this.#qualityChanged.add(participant);
    }
  }

  #remove(participant: ParticipantId, member: Member): void {
    this.#members.delete(participant);
    this.#qualityChanged.delete(participant);
    this.#speakers = this.#speakers.filter((speaker) => speaker !== participant);
    this.#changed.delete(participant);
    if (member.entered) this.#left.add(participant);
  }
}

function newMember({ name, sources, muted }: Extract<MeetingEvent, { type: 'joining' }>): Member {
  return {
    name,
    sources: new Set(sources),
    muted: new Set(muted),
    slots: new Map(),
    encodings: new Map(),
    quality: undefined,
    entered: false,
    attached: true,
  };
}

type MemberChange = Extract<MeetingEvent, { type: 'entered' | 'sources' | 'muted' | 'attached' }>;

/** False when the event says what is known already. */
function changeMember(member: Member, event: MemberChange): boolean {
  switch (event.type) {
    case 'entered':
      member.entered = true;
      return true;
    case 'attached':
      if (member.attached === event.attached) return false;
      member.attached = event.attached;
      return true;
    case 'muted':
      if (member.muted.has(event.source) === event.muted) return false;
      if (event.muted) member.muted.add(event.source);
      else member.muted.delete(event.source);
      return true;
    case 'sources':
      member.sources.clear();
      for (const source of event.sources) member.sources.add(source);
      return true;
  }
}

function rosterEntry(participant: ParticipantId, member: Member): RosterEntry {
  const live = [...member.sources].filter((source) => !member.muted.has(source));
  return { participant, name: member.name, live, connected: member.attached };
}
