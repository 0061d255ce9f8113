/**
 * One meeting on one worker: who is in it, and which slot carries which source. Packets do not come by here: a source
 * knows its slots. Changes (joins, mutes, views, speakers) only mark the assignment as due; it is made for everybody
 * at once, and less often the bigger the meeting is.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { type AllocationListener, MeetingAllocation } from './allocation/meeting-allocation.ts';
import type { Slot } from './egress/slot.ts';
import { ActiveSpeakers, type Speaker } from './forward/active-speaker.ts';
import { KeyframeBudget } from './forward/keyframe-budget.ts';
import { assignSlots, type Candidates } from './forward/slot-assignment.ts';
import type { Source } from './forward/source.ts';
import type { MeetingParticipant } from './meeting-participant.ts';
import type { MediaKind, SlotAssignment, SourceKind, ViewEntry } from './negotiated.ts';
import { MeetingQuality, type QualityListener } from './quality/meeting-quality.ts';
import { type CascadeHost, MeetingCascade } from './trunk/meeting-cascade.ts';
import type { RemoteParticipant } from './trunk/remote-participant.ts';
import type { ViewedSlot } from './viewed-slot.ts';

export interface MeetingListener extends AllocationListener, QualityListener {
  /** Those who speak now, loudest first. */
  speakersChanged(meeting: MeetingId, speakers: readonly ParticipantId[]): void;
}

/** Shortest time between two assignments: per participant, so that a join storm costs a bounded share of the worker. */
const ASSIGN_INTERVAL_US_PER_PARTICIPANT = 200;
const MAX_ASSIGN_INTERVAL_US = 200_000;
/** Participants whose slots are assigned in one tick: a few milliseconds of work at most. */
const ROUND_SLICE = 64;

/** One assignment for everybody, by what the ranking was when it began. A Map's iterator bears joins and leaves meanwhile. */
interface Round {
  readonly ranking: Readonly<Record<MediaKind, Ranking>>;
  readonly participants: IterableIterator<MeetingParticipant>;
}

export class Meeting implements CascadeHost {
  readonly id: MeetingId;
  readonly speakers = new ActiveSpeakers();
  readonly allocation: MeetingAllocation;
  readonly keyframeBudget = new KeyframeBudget();
  readonly #quality: MeetingQuality;
  /** By the connection by which they publish. */
  readonly #participants = new Map<ParticipantId, MeetingParticipant>();
  /** The other connection of those who have two. */
  readonly #beside = new Map<ParticipantId, MeetingParticipant>();
  readonly #listener: MeetingListener;
  /** Its links to other workers; undefined while it is on this one alone. */
  #cascade: MeetingCascade | undefined;
  #assignmentDue = false;
  /** The assignment that is under way. */
  #round: Round | undefined;
  #nextAssignmentUs = 0;
  #reportedSpeakers: readonly ParticipantId[] = [];

  constructor(id: MeetingId, listener: MeetingListener) {
    this.id = id;
    this.#listener = listener;
    this.allocation = new MeetingAllocation(id, listener);
    this.#quality = new MeetingQuality(id, listener, (source, rid) => this.allocation.isStopped(source, rid));
  }

  get participants(): ReadonlyMap<ParticipantId, MeetingParticipant> {
    return this.#participants;
  }

  get cascade(): MeetingCascade | undefined {
    return this.#cascade;
  }

  /** Nobody is here, and no other worker is linked. */
  get isEmpty(): boolean {
    return this.#participants.size === 0 && (this.#cascade === undefined || this.#cascade.links.size === 0);
  }

  /** The meeting spans workers from now on. */
  spread(): MeetingCascade {
    this.#cascade ??= new MeetingCascade(this);
    return this.#cascade;
  }

  invalidateAssignment(): void {
    this.#assignmentDue = true;
  }

  /** He is new, or this is a second connection of his: then the first one counts until the other has what it has. */
  add(participant: MeetingParticipant): void {
    const first = this.#participants.get(participant.id);
    if (first === undefined) {
      this.#participants.set(participant.id, participant);
    } else {
      first.standing = 'former';
      participant.standing = 'coming';
      this.#beside.set(participant.id, participant);
    }
    this.#cascade?.invalidate(participant.id);
    this.allocation.add(participant);
    this.#quality.add(participant);
    this.#assignmentDue = true;
  }

  connected(nowUs: number, participant: MeetingParticipant): void {
    participant.connect(nowUs);
    this.allocation.decide(nowUs, participant);
    this.#cascade?.invalidate(participant.id);
    this.#assignmentDue = true;
  }

  /**
   * Nothing is sent to him any more by this connection; the slots that carried its sources are free with the next
   * assignment, or carry those of his other one.
   */
  remove(participant: MeetingParticipant): void {
    const { id } = participant;
    participant.disconnect();
    const beside = this.#beside.get(id);
    this.#beside.delete(id);
    if (beside === undefined) {
      this.#participants.delete(id);
      this.speakers.remove(participant.speaker);
    } else if (beside !== participant) {
      this.#participants.set(id, beside);
    }
    this.#settleStanding(id);
    this.allocation.remove(participant);
    this.#quality.remove(participant);
    this.#cascade?.invalidate(participant.id);
    this.#assignmentDue = true;
  }

  /** He goes on by the connection that he was to leave. Returns what all its slots carry. */
  resume(participant: MeetingParticipant): SlotAssignment[] {
    participant.standing = 'inUse';
    this.#assignmentDue = true;
    return participant.slots.map((viewed) => viewed.takeAssignment());
  }

  /** A further negotiation of his has added slots or sources. */
  update(participant: MeetingParticipant): void {
    this.allocation.update(participant);
    this.#cascade?.invalidate(participant.id);
    this.#assignmentDue = true;
  }

  setView(participant: MeetingParticipant, view: readonly ViewEntry[]): void {
    participant.setView(view);
    this.#assignmentDue = true;
  }

  /** Nothing of a muted source is sent after this; its slots are free with the next assignment. */
  setMuted(nowUs: number, participant: MeetingParticipant, kind: SourceKind, muted: boolean): void {
    if (!participant.setMuted(nowUs, kind, muted)) return;
    this.#cascade?.invalidate(participant.id);
    this.#assignmentDue = true;
  }

  nextTimeoutUs(): number {
    if (this.#round !== undefined || this.#beside.size > 0) return Number.NEGATIVE_INFINITY;
    const nextUs = Math.min(
      this.speakers.nextTimeoutUs(),
      this.allocation.nextTimeoutUs(),
      this.#quality.nextTimeoutUs(),
      this.#cascade?.nextTimeoutUs() ?? Number.POSITIVE_INFINITY,
    );
    return this.#assignmentDue ? Math.min(nextUs, this.#nextAssignmentUs) : nextUs;
  }

  handleTimeout(nowUs: number): void {
    for (const [id, beside] of this.#beside)
      if (beside.standing === 'coming' && beside.isInFlow) this.#turn(id, beside);
    const cascade = this.#cascade;
    if (cascade !== undefined && cascade.nextTimeoutUs() <= nowUs) cascade.handleTimeout(nowUs);
    if (this.speakers.nextTimeoutUs() <= nowUs) {
      if (this.speakers.handleTimeout(nowUs)) this.#assignmentDue = true;
      cascade?.handleSpeakers();
      this.#reportSpeakers();
    }
    if (this.#assignmentDue && this.#round === undefined && nowUs >= this.#nextAssignmentUs) this.#beginRound(nowUs);
    if (this.#round !== undefined) this.#goOnWithRound(nowUs, this.#round);
    if (this.allocation.nextTimeoutUs() <= nowUs) this.allocation.handleTimeout(nowUs);
    if (this.#quality.nextTimeoutUs() <= nowUs) this.#quality.handleTimeout(nowUs);
  }

  /** All of him is there by the second connection: from now on it counts. */
  #turn(id: ParticipantId, second: MeetingParticipant): void {
    const first = this.#participants.get(id);
    if (first === undefined) return;
    this.#participants.set(id, second);
    this.#beside.set(id, first);
    second.standing = 'inUse';
    this.#cascade?.invalidate(id);
    this.#assignmentDue = true;
  }

  /** A second connection that is alone does not wait for anything. */
  #settleStanding(id: ParticipantId): void {
    const rest = this.#participants.get(id);
    if (rest?.standing === 'coming') rest.standing = 'inUse';
  }

  *#everybody(): Generator<MeetingParticipant> {
    yield* this.#participants.values();
    yield* this.#beside.values();
  }

  #reportSpeakers(): void {
    const speaking = this.speakers.speaking;
    const known = this.#reportedSpeakers;
    if (speaking.length === known.length && speaking.every((participant, i) => participant === known[i])) return;
    this.#reportedSpeakers = speaking;
    this.allocation.handleSpeakers();
    this.#listener.speakersChanged(this.id, speaking);
  }

  /** Who is seen and heard by whom: begins a round through all participants. */
  #beginRound(nowUs: number): void {
    this.#assignmentDue = false;
    const interval = this.#participants.size * ASSIGN_INTERVAL_US_PER_PARTICIPANT;
    this.#nextAssignmentUs = nowUs + Math.min(interval, MAX_ASSIGN_INTERVAL_US);
    this.#round = { ranking: this.#rank(), participants: this.#everybody() };
  }

  /** A slice of the round; when it is through, publishers hear who wants what. */
  #goOnWithRound(nowUs: number, { ranking, participants }: Round): void {
    for (let i = 0; i < ROUND_SLICE; i++) {
      const { value: participant, done } = participants.next();
      if (done) {
        this.#round = undefined;
        this.allocation.handleAssignment(nowUs);
        return;
      }
      const changed: ViewedSlot[] = [];
      this.#assignKind(nowUs, participant, 'audio', ranking.audio, changed);
      this.#assignKind(nowUs, participant, 'video', ranking.video, changed);
      this.#tell(nowUs, participant, changed);
    }
  }

  #assignKind(
    nowUs: number,
    participant: MeetingParticipant,
    kind: MediaKind,
    ranking: Ranking,
    changed: ViewedSlot[],
  ): void {
    const slots = participant.slotsOf(kind);
    const first = slots[0]?.slot;
    if (first === undefined) return;
    const candidates: Candidates<Source> = {
      ranked: ranking.for(first),
      isSame: (one, other) => one.participant === other.participant && one.kind === other.kind,
      allows: (source) => source.participant !== participant.id,
      fixed: (wish) => this.#fixed(participant, kind, wish),
    };
    const sources = assignSlots(slots, candidates);
    participant.assign(nowUs, slots, sources, (source) => this.allocation.layersOf(source), changed);
  }

  /** Which layers he gets is decided before he is told which sources. */
  #tell(nowUs: number, participant: MeetingParticipant, changed: ViewedSlot[]): void {
    const video = participant.slotsOf('video');
    const isOther = video.some((viewed) => viewed.isFresh && (viewed.layers !== undefined || changed.includes(viewed)));
    if (isOther) this.allocation.decide(nowUs, participant);
    for (const viewed of video) {
      if (viewed.isSuspensionNews && !changed.includes(viewed)) changed.push(viewed);
    }
    if (changed.length === 0 || participant.standing === 'former') return;
    const slots = changed.map((viewed) => viewed.takeAssignment());
    this.#listener.slotsChanged(this.id, participant.id, slots);
  }

  /** Sound by loudness; screens before cameras, and both by the presence of who they are of. */
  #rank(): Readonly<Record<MediaKind, Ranking>> {
    const audio: Source[] = [];
    const screens: Source[] = [];
    const cameras: Source[] = [];
    for (const source of this.#published(this.speakers.byLoudness)) if (source.isAudio) audio.push(source);
    for (const source of this.#published(this.speakers.byPresence)) {
      if (source.kind === 'screen') screens.push(source);
      else if (!source.isAudio) cameras.push(source);
    }
    return { audio: new Ranking(audio), video: new Ranking([...screens, ...cameras]) };
  }

  /** Beyond a trunk, or here; of who is both, what counts is beyond the trunk. */
  #publisher(id: ParticipantId): MeetingParticipant | RemoteParticipant | undefined {
    return this.#cascade?.remotes.get(id) ?? this.#participants.get(id);
  }

  /** Unmuted, of who is connected, in the given order. */
  *#published(order: readonly Speaker[]): Generator<Source> {
    for (const speaker of order) {
      const participant = this.#publisher(speaker.participant);
      if (participant?.speaker !== speaker || !participant.connected) continue;
      for (const source of participant.sources) if (!source.muted) yield source;
    }
  }

  #fixed(
    viewer: MeetingParticipant,
    kind: MediaKind,
    wish: { readonly participant: string; readonly kind: string },
  ): Source | undefined {
    if (wish.participant === viewer.id) return undefined;
    // A view comes from the outside: its strings name somebody here or nobody.
    const publisher = this.#publisher(wish.participant as ParticipantId);
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
