/**
 * One meeting on one worker: who is in it, and which slot carries which source. Packets do not come by here: a source
 * knows its slots. Changes (joins, mutes, views, speakers) only mark the assignment as due; it is made for everybody
 * at once, and less often the bigger the meeting is.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Slot } from './egress/slot.ts';
import { ActiveSpeakers } from './forward/active-speaker.ts';
import { assignSlots, type Candidates } from './forward/slot-assignment.ts';
import type { Source } from './forward/source.ts';
import type { MeetingParticipant } from './meeting-participant.ts';
import type { MediaKind, SlotAssignment, SourceKind, ViewEntry } from './negotiated.ts';

export interface MeetingListener {
  slotsChanged(meeting: MeetingId, participant: ParticipantId, slots: readonly SlotAssignment[]): void;
  /** Those who speak now, loudest first. */
  speakersChanged(meeting: MeetingId, speakers: readonly ParticipantId[]): void;
}

/** Shortest time between two assignments: per participant, so that a join storm costs a bounded share of the worker. */
const ASSIGN_INTERVAL_US_PER_PARTICIPANT = 200;
const MAX_ASSIGN_INTERVAL_US = 200_000;

export class Meeting {
  readonly id: MeetingId;
  readonly speakers = new ActiveSpeakers();
  readonly #participants = new Map<ParticipantId, MeetingParticipant>();
  readonly #listener: MeetingListener;
  #assignmentDue = false;
  #nextAssignmentUs = 0;
  #reportedSpeakers: readonly ParticipantId[] = [];

  constructor(id: MeetingId, listener: MeetingListener) {
    this.id = id;
    this.#listener = listener;
  }

  get participants(): ReadonlyMap<ParticipantId, MeetingParticipant> {
    return this.#participants;
  }

  add(participant: MeetingParticipant): void {
    this.#participants.set(participant.id, participant);
    this.#assignmentDue = true;
  }

  connected(nowUs: number, participant: MeetingParticipant): void {
    participant.connect(nowUs);
    this.#assignmentDue = true;
  }

  /** Nothing is sent to him any more; the slots that carried his sources are free with the next assignment. */
  remove(participant: MeetingParticipant): void {
    participant.disconnect();
    this.#participants.delete(participant.id);
    this.speakers.remove(participant.speaker);
    this.#assignmentDue = true;
  }

  update(): void {
    this.#assignmentDue = true;
  }

  setView(participant: MeetingParticipant, view: readonly ViewEntry[]): void {
    participant.setView(view);
    this.#assignmentDue = true;
  }

  /** Nothing of a muted source is sent after this; its slots are free with the next assignment. */
  setMuted(participant: MeetingParticipant, kind: SourceKind, muted: boolean): void {
    if (participant.setMuted(kind, muted)) this.#assignmentDue = true;
  }

  nextTimeoutUs(): number {
    const speakersUs = this.speakers.nextTimeoutUs();
    return this.#assignmentDue ? Math.min(speakersUs, this.#nextAssignmentUs) : speakersUs;
  }

  handleTimeout(nowUs: number): void {
    if (this.speakers.nextTimeoutUs() <= nowUs) {
      if (this.speakers.handleTimeout(nowUs)) this.#assignmentDue = true;
      this.#reportSpeakers();
    }
    if (this.#assignmentDue && nowUs >= this.#nextAssignmentUs) this.#assign(nowUs);
  }

  #reportSpeakers(): void {
    const speaking = this.speakers.speaking;
    const known = this.#reportedSpeakers;
    if (speaking.length === known.length && speaking.every((participant, i) => participant === known[i])) return;
    this.#reportedSpeakers = speaking;
    this.#listener.speakersChanged(this.id, speaking);
  }

  /** Who is seen and heard by whom, for all participants. */
  #assign(nowUs: number): void {
    this.#assignmentDue = false;
    const interval = this.#participants.size * ASSIGN_INTERVAL_US_PER_PARTICIPANT;
    this.#nextAssignmentUs = nowUs + Math.min(interval, MAX_ASSIGN_INTERVAL_US);
    const ranking = this.#rank();
    for (const participant of this.#participants.values()) {
      const changed: SlotAssignment[] = [];
      this.#assignKind(nowUs, participant, 'audio', ranking.audio, changed);
      this.#assignKind(nowUs, participant, 'video', ranking.video, changed);
      if (changed.length > 0) this.#listener.slotsChanged(this.id, participant.id, changed);
    }
  }

  #assignKind(
    nowUs: number,
    participant: MeetingParticipant,
    kind: MediaKind,
    ranking: Ranking,
    changed: SlotAssignment[],
  ): void {
    const slots = participant.slotsOf(kind);
    const first = slots[0]?.slot;
    if (first === undefined) return;
    const candidates: Candidates<Source> = {
      ranked: ranking.for(first),
      allows: (source) => source.participant !== participant.id,
      fixed: (wish) => this.#fixed(participant, kind, wish),
    };
    participant.assign(nowUs, slots, assignSlots(slots, candidates), changed);
  }

  /** Screens before cameras, and both by the rank of who they are of. */
  #rank(): Readonly<Record<MediaKind, Ranking>> {
    const audio: Source[] = [];
    const screens: Source[] = [];
    const cameras: Source[] = [];
    for (const { participant: id } of this.speakers.order) {
      const participant = this.#participants.get(id);
      if (!participant?.connected) continue;
      for (const source of participant.sources) {
        if (source.muted) continue;
        if (source.kind === 'microphone') audio.push(source);
        else if (source.kind === 'screen') screens.push(source);
        else cameras.push(source);
      }
    }
    return { audio: new Ranking(audio), video: new Ranking([...screens, ...cameras]) };
  }

  #fixed(
    viewer: MeetingParticipant,
    kind: MediaKind,
    wish: { readonly participant: string; readonly kind: string },
  ): Source | undefined {
    if (wish.participant === viewer.id) return undefined;
    // A view comes from the outside: its strings name somebody here or nobody.
    const publisher = this.#participants.get(wish.participant as ParticipantId);
    if (publisher === undefined || !publisher.connected) return undefined;
    const source = publisher.audible(wish.kind as SourceKind);
    return source !== undefined && source.isAudio === (kind === 'audio') ? source : undefined;
  }
}

/** Unmuted sources of connected participants, most important first, by who can decode them. Made for one assignment. */
class Ranking {
  readonly #sources: readonly Source[];
  readonly #byCodecs = new Map<string, readonly Source[]>();

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
  }

  /** Those that `slot` can show. Browsers of one make share the answer. */
  for(slot: Slot): readonly Source[] {
    let decodable = this.#byCodecs.get(slot.codecKeys);
    if (decodable === undefined) {
      decodable = this.#sources.filter((source) => slot.accepts(source.codecs));
      this.#byCodecs.set(slot.codecKeys, decodable);
    }
    return decodable;
  }
}
