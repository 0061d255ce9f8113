/** One participant in a meeting on this worker: his transport, what he publishes, and the slots he receives on. */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { AllocatorDriver, type Bandwidth } from './allocation/driver.ts';
import type { SourceOwner } from './allocation/meeting-allocation.ts';
import type { SourceLayers } from './allocation/source-layers.ts';
import type { HeaderMapping } from './egress/header-mapping.ts';
import type { Retransmitter } from './egress/retransmitter.ts';
import { repeatsUnderSameNumber, Slot } from './egress/slot.ts';
import type { Speaker } from './forward/active-speaker.ts';
import { KeyframeBudget, VIEWER_SHARE } from './forward/keyframe-budget.ts';
import { Source } from './forward/source.ts';
import type { IngressStream } from './ingress/ingress-stream.ts';
import { StreamResolver } from './ingress/stream-resolver.ts';
import type { ExtensionIds, MediaKind, NegotiatedMedia, SourceKind, ViewEntry } from './negotiated.ts';
import type { MediaPeer } from './packet-path.ts';
import { ParticipantQuality } from './quality/quality.ts';
import type { Transport } from './transport/transport.ts';
import { ViewedSlot } from './viewed-slot.ts';

/** How headers are written for receivers with these ids. */
type MappingFor = (ids: ExtensionIds, isNumbered: boolean) => HeaderMapping;

/**
 * Of one of two connections of somebody who goes over to another way to the same place. `coming`: what he publishes counts
 * by the other one still; `former`: nothing is told of it any more.
 */
export type Standing = 'inUse' | 'coming' | 'former';

export class MeetingParticipant implements Bandwidth, MediaPeer, SourceOwner {
  readonly id: ParticipantId;
  readonly meeting: MeetingId;
  readonly transport: Transport;
  readonly resolver: StreamResolver;
  /** The ids under which he sends and receives header extensions, of all that was negotiated so far. */
  extensions: ExtensionIds;
  readonly speaker: Speaker;
  /** Which layers his video slots get. */
  readonly allocator: AllocatorDriver;
  readonly quality = new ParticipantQuality();
  /** Media flows: DTLS is through. */
  connected = false;
  standing: Standing = 'inUse';
  readonly #mappingFor: MappingFor;
  readonly #retransmitter: Retransmitter;
  readonly #keyframeBudget: KeyframeBudget;
  /** What he may ask of others' key frames. */
  readonly #keyframeShare = new KeyframeBudget(VIEWER_SHARE);
  readonly #sources: Source[] = [];
  readonly #slots: ViewedSlot[] = [];
  readonly #slotsOf: Readonly<Record<MediaKind, ViewedSlot[]>> = { audio: [], video: [] };

  constructor(
    meeting: MeetingId,
    transport: Transport,
    media: NegotiatedMedia,
    speaker: Speaker,
    mappingFor: MappingFor,
    retransmitter: Retransmitter,
    keyframeBudget: KeyframeBudget,
  ) {
    this.id = transport.participant;
    this.meeting = meeting;
    this.transport = transport;
    this.extensions = media.extensions;
    this.speaker = speaker;
    this.#mappingFor = mappingFor;
    this.#retransmitter = retransmitter;
    this.#keyframeBudget = keyframeBudget;
    this.resolver = new StreamResolver(transport, media);
    this.allocator = new AllocatorDriver(this.#slotsOf.video, this);
    this.update(media);
  }

  /** Of what he is sent, 0–1: as his feedback tells, else the mean of the slots' reception reports. */
  get lossFraction(): number {
    const { estimator } = this.transport;
    if (estimator !== undefined) return estimator.lossFraction;
    let used = 0;
    let lost = 0;
    for (const { slot } of this.#slots) {
      if (slot.source === undefined) continue;
      used++;
      lost += slot.fractionLost;
    }
    return used === 0 ? 0 : lost / used;
  }

  /** What may be sent to him; Infinity when he does not tell. */
  get estimateBps(): number {
    return this.transport.estimateBps;
  }

  setDemand(nowUs: number, wantedBps: number, allocatedBps: number): void {
    this.transport.setDemand(nowUs, wantedBps, allocatedBps);
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }
  get slots(): readonly ViewedSlot[] {
    return this.#slots;
  }

  get isInFlow(): boolean {
    return this.connected && this.#sources.every(({ isAudio, muted, hasPicture }) => isAudio || muted || hasPicture);
  }

  /** A further negotiation: new mids are added, what is there stays. */
  update(media: NegotiatedMedia): void {
    this.extensions = joinIds(this.extensions, media.extensions);
    this.resolver.update(media);
    for (const negotiated of media.sources) {
      if (!this.#sources.some((source) => source.mid === negotiated.mid)) {
        this.#sources.push(new Source(this.id, negotiated, media.extensions, this.#keyframeBudget));
      }
    }
    for (const negotiated of media.slots) {
      if (this.#slots.some(({ slot }) => slot.mid === negotiated.mid)) continue;
      const isNumbered = negotiated.transportNumbers !== false && !repeatsUnderSameNumber(negotiated);
      const mapping = this.#mappingFor(media.slotExtensions ?? media.extensions, isNumbered);
      const slot = new Slot(negotiated, this.transport.handle, mapping, this.#retransmitter);
      slot.keyframeShare = this.#keyframeShare;
      const viewed = new ViewedSlot(slot);
      this.#slots.push(viewed);
      this.#slotsOf[slot.kind].push(viewed);
      this.transport.addEgressStream(slot);
    }
  }

  /** The source that `stream` is of. Hot. */
  sourceOf(stream: IngressStream): Source | undefined {
    const sources = this.#sources;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as Source;
      if (source.mid === stream.mid) return source;
    }
    return undefined;
  }

  /** The source of `kind`; undefined when there is none, or it is muted. */
  audible(kind: SourceKind): Source | undefined {
    return this.#sources.find((source) => source.kind === kind && !source.muted);
  }

  /** False when nothing changed. */
  setMuted(nowUs: number, kind: SourceKind, muted: boolean): boolean {
    let changed = false;
    for (const source of this.#sources) {
      if (source.kind !== kind || !source.setMuted(nowUs, muted)) continue;
      changed = true;
      if (source.isAudio && muted) this.speaker.silence();
    }
    return changed;
  }

  /** Entries of unknown mids are ignored. */
  setView(view: readonly ViewEntry[]): void {
    for (const entry of view) {
      this.#slots.find(({ mid }) => mid === entry.mid)?.setView(entry);
    }
  }

  /** Slots of `kind`, in the order in which the client offered them. */
  slotsOf(kind: MediaKind): readonly ViewedSlot[] {
    return this.#slotsOf[kind];
  }

  /**
   * What the slots are to carry from now on; adds those that changed to `changed`. Video waits for the allocator to say
   * which layer.
   */
  assign(
    nowUs: number,
    slots: readonly ViewedSlot[],
    sources: readonly (Source | undefined)[],
    layersOf: (source: Source | undefined) => SourceLayers | undefined,
    changed: ViewedSlot[],
  ): void {
    slots.forEach((viewed, i) => {
      const { slot } = viewed;
      const source = sources[i];
      if (slot.source === source) return;
      if (this.connected) slot.source?.detach(slot);
      slot.source = undefined;
      viewed.assign(layersOf(source));
      if (slot.kind === 'video') slot.setTarget(nowUs, undefined, '');
      slot.source = source;
      if (this.connected) source?.attach(nowUs, slot);
      changed.push(viewed);
    });
  }

  /** Media flows from now on. */
  connect(nowUs: number): void {
    this.connected = true;
    for (const { slot } of this.#slots) slot.source?.attach(nowUs, slot);
  }

  /** Takes his slots out of the sources that feed them. */
  disconnect(): void {
    if (!this.connected) return;
    this.connected = false;
    for (const { slot } of this.#slots) slot.source?.detach(slot);
  }
}

/** An offer that does not use an extension any more does not take it away. */
function joinIds(before: ExtensionIds, now: ExtensionIds): ExtensionIds {
  const isUsed = ([, id]: [string, number]): boolean => id !== 0;
  return { ...before, ...Object.fromEntries(Object.entries(now).filter(isUsed)) };
}
