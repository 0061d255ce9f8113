/**
 * Who gets how much of whom in one meeting: measures what the sources offer, has each subscriber's allocation looked at in
 * turn, and tells publishers which of their encodings are wanted. Subscribers are looked at in slices, so that a meeting of
 * a thousand costs each tick of the worker a bounded share; an allocation is made only where something has changed.
 */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { Speaker } from '../forward/active-speaker.ts';
import type { Source } from '../forward/source.ts';
import type { MeetingParticipant, Standing } from '../meeting-participant.ts';
import type { EncodingDemand, SlotAssignment, SourceKind } from '../negotiated.ts';
import { TICK_US } from '../timer-wheel.ts';
import { SourceDemand } from './demand.ts';
import { LOOK_INTERVAL_US } from './driver.ts';
import { MEASURE_INTERVAL_US, SourceLayers } from './source-layers.ts';

/**
 * Allocations made in one slice at most, about a millisecond of work. When more are due, as after a change that concerns
 * everybody, they come in the next slices.
 */
const MAX_DECISIONS = 25;

export interface AllocationListener {
  slotsChanged(meeting: MeetingId, participant: ParticipantId, slots: readonly SlotAssignment[]): void;
  /** Which encodings of a source its publisher is to send; all are listed. */
  encodingsChanged(
    meeting: MeetingId,
    participant: ParticipantId,
    source: SourceKind,
    encodings: readonly EncodingDemand[],
  ): void;
}

/** Who publishes a source: a participant, or somebody beyond a trunk. */
export interface SourceOwner {
  readonly id: ParticipantId;
  readonly connected: boolean;
  /** Undefined of somebody beyond a trunk. */
  readonly standing?: Standing;
  readonly speaker: Speaker;
  readonly sources: readonly Source[];
  /** Of somebody beyond a trunk: instead of the publisher, the next worker is told what is watched here. */
  want?(nowUs: number, source: Source, height: number | undefined): void;
}

/** A source that goes over a trunk, as its other end demands it. */
export interface DemandedSource {
  readonly source: Source | undefined;
  /** Pixels; Infinity for no limit. */
  readonly maxHeight: number;
}

/** A source as its viewers and its publisher see it. */
class OfferedSource {
  readonly source: Source;
  readonly owner: SourceOwner;
  readonly layers: SourceLayers;
  readonly demand = new SourceDemand();
  /** Tallest picture that a view asks for; Infinity: no limit, undefined: nobody watches. */
  wantedHeight: number | undefined;

  constructor(source: Source, owner: SourceOwner) {
    this.source = source;
    this.owner = owner;
    this.layers = new SourceLayers(source);
  }
}

export class MeetingAllocation {
  readonly #meeting: MeetingId;
  readonly #listener: AllocationListener;
  /** What other workers demand. */
  readonly relays = new Set<DemandedSource>();
  readonly #sources = new Map<Source, OfferedSource>();
  /** In the order in which they are looked at; `#next` is who comes next. */
  readonly #subscribers: MeetingParticipant[] = [];
  #next = 0;
  #lookUs = 0;
  #measureUs = 0;

  constructor(meeting: MeetingId, listener: AllocationListener) {
    this.#meeting = meeting;
    this.#listener = listener;
  }

  add(participant: MeetingParticipant): void {
    this.#subscribers.push(participant);
    this.update(participant);
  }

  /** His sources have become more. */
  update(owner: SourceOwner): void {
    for (const source of owner.sources) {
      if (!this.#sources.has(source)) this.#sources.set(source, new OfferedSource(source, owner));
    }
  }

  forget(source: Source): void {
    this.#sources.delete(source);
  }

  remove(participant: MeetingParticipant): void {
    const at = this.#subscribers.indexOf(participant);
    if (at >= 0) this.#subscribers.splice(at, 1);
    for (const source of participant.sources) this.#sources.delete(source);
  }

  layersOf(source: Source | undefined): SourceLayers | undefined {
    return source === undefined ? undefined : this.#sources.get(source)?.layers;
  }

  /** What the publisher has been told about an encoding of his. */
  demandOf(source: Source, rid: string): EncodingDemand | undefined {
    return this.#sources.get(source)?.demand.of(rid);
  }

  /** What he has been told of his sources before is said again. */
  repeat(owner: MeetingParticipant): void {
    for (const source of owner.sources) {
      const demand = this.#sources.get(source)?.demand;
      if (demand === undefined || source.isAudio) continue;
      const all = source.encodings.map(({ rid }) => demand.of(rid));
      this.#listener.encodingsChanged(this.#meeting, owner.id, source.kind, all);
    }
  }

  isStopped(source: Source, rid: string): boolean {
    return this.demandOf(source, rid)?.active === false;
  }

  nextTimeoutUs(): number {
    return Math.min(this.#measureUs, this.#lookUs);
  }

  handleTimeout(nowUs: number): void {
    if (nowUs >= this.#measureUs) {
      this.#measureUs = nowUs + MEASURE_INTERVAL_US;
      this.#measure(nowUs);
    }
    if (nowUs >= this.#lookUs) this.#lookAtSome(nowUs);
  }

  /** Who speaks has changed. */
  handleSpeakers(): void {
    for (const { owner, layers } of this.#sources.values()) layers.isSpeaking = owner.speaker.speaking;
    for (const participant of this.#subscribers) participant.allocator.invalidate();
  }

  /** Slots were assigned: counts who wants what of whom. */
  handleAssignment(nowUs: number): void {
    for (const offered of this.#sources.values()) offered.wantedHeight = undefined;
    for (const participant of this.#subscribers) {
      if (!participant.connected) continue;
      for (const { current, maxHeight } of participant.slotsOf('video')) this.#want(current, maxHeight);
      for (const { current } of participant.slotsOf('audio')) {
        if (current?.isRelayed === true) this.#want(current, Number.POSITIVE_INFINITY);
      }
    }
    for (const { source, maxHeight } of this.relays) this.#want(source, maxHeight);
    for (const offered of this.#sources.values()) this.#updateDemand(nowUs, offered);
  }

  #want(source: Source | undefined, height: number): void {
    const offered = source === undefined ? undefined : this.#sources.get(source);
    if (offered !== undefined) offered.wantedHeight = Math.max(offered.wantedHeight ?? 0, height);
  }

  /** Not before his turn, but now: his slots have other sources or views. True when a slot's `suspended` changed. */
  decide(nowUs: number, participant: MeetingParticipant): boolean {
    if (!participant.connected) return false;
    const { allocator } = participant;
    const hasChanged = allocator.decide(nowUs, this.#plainAudioBps(participant));
    for (const { slot } of participant.slotsOf('audio')) slot.setRedundancyRoom(nowUs, allocator.redundancy.hasRoom);
    return hasChanged;
  }

  #measure(nowUs: number): void {
    for (const offered of this.#sources.values()) {
      const isComing = offered.owner.standing === 'coming';
      const isUsed = offered.source.isAudio || offered.wantedHeight !== undefined || isComing;
      if (isUsed && !offered.source.muted) offered.layers.measure(nowUs);
      this.#updateDemand(nowUs, offered);
    }
  }

  /** A muted publisher sends nothing anyway, and finds everything as it was when he comes back. */
  #updateDemand(nowUs: number, { source, owner, layers, demand, wantedHeight }: OfferedSource): void {
    if (owner.want !== undefined) {
      owner.want(nowUs, source, wantedHeight);
      return;
    }
    if (source.isAudio || !owner.connected || owner.standing === 'former') return;
    if (source.muted || owner.standing === 'coming') {
      demand.pause();
      return;
    }
    const changed = demand.update(nowUs, wantedHeight, layers.heights);
    if (changed !== undefined) this.#listener.encodingsChanged(this.#meeting, owner.id, source.kind, changed);
  }

  /** Everybody's turn comes each LOOK_INTERVAL_US. */
  #lookAtSome(nowUs: number): void {
    const count = this.#subscribers.length;
    const sliceUs = Math.max(TICK_US, Math.floor(LOOK_INTERVAL_US / Math.max(1, count)));
    const slice = Math.min(count, Math.ceil((count * sliceUs) / LOOK_INTERVAL_US));
    this.#lookUs = nowUs + sliceUs;
    let decisions = 0;
    for (let i = 0; i < slice && decisions < MAX_DECISIONS; i++) {
      this.#next = this.#next + 1 < count ? this.#next + 1 : 0;
      const participant = this.#subscribers[this.#next] as MeetingParticipant;
      if (!participant.connected || !participant.allocator.isDue(nowUs)) continue;
      decisions++;
      this.#decideInTurn(nowUs, participant);
    }
  }

  #decideInTurn(nowUs: number, participant: MeetingParticipant): void {
    if (!this.decide(nowUs, participant) || participant.standing === 'former') return;
    const changed = participant.slotsOf('video').filter((viewed) => viewed.isSuspensionNews);
    const slots = changed.map((viewed) => viewed.takeAssignment());
    if (slots.length > 0) this.#listener.slotsChanged(this.#meeting, participant.id, slots);
  }

  #plainAudioBps(participant: MeetingParticipant): number {
    let sumBps = 0;
    for (const { layers } of participant.slotsOf('audio')) sumBps += layers?.bitrateBps ?? 0;
    return sumBps;
  }
}
