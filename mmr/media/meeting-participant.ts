/** One participant in a meeting on this worker: his transport, what he publishes, and the slots he receives on. */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { HeaderMapping } from './egress/header-mapping.ts';
import type { Retransmitter } from './egress/retransmitter.ts';
import { Slot } from './egress/slot.ts';
import type { Speaker } from './forward/active-speaker.ts';
import { Source } from './forward/source.ts';
import type { IngressStream } from './ingress/ingress-stream.ts';
import { StreamResolver } from './ingress/stream-resolver.ts';
import type { ExtensionIds, MediaKind, NegotiatedMedia, SlotAssignment, SourceKind, ViewEntry } from './negotiated.ts';
import type { Transport } from './transport/transport.ts';

/** A slot, and what its owner asked to see in it. */
export interface ViewedSlot {
  readonly slot: Slot;
  wish: ViewEntry['source'];
  readonly current: Source | undefined;
}

class ParticipantSlot implements ViewedSlot {
  readonly slot: Slot;
  wish: ViewEntry['source'] = 'auto';

  constructor(slot: Slot) {
    this.slot = slot;
  }

  get current(): Source | undefined {
    return this.slot.source;
  }
}

export class MeetingParticipant {
  readonly id: ParticipantId;
  readonly meeting: MeetingId;
  readonly transport: Transport;
  readonly resolver: StreamResolver;
  /** The ids under which he sends and receives header extensions. */
  readonly extensions: ExtensionIds;
  readonly speaker: Speaker;
  /** Media flows: DTLS is through. */
  connected = false;
  readonly #mapping: HeaderMapping;
  readonly #retransmitter: Retransmitter;
  readonly #sources: Source[] = [];
  readonly #slots: ViewedSlot[] = [];
  readonly #slotsOf: Readonly<Record<MediaKind, ViewedSlot[]>> = { audio: [], video: [] };

  constructor(
    meeting: MeetingId,
    transport: Transport,
    media: NegotiatedMedia,
    speaker: Speaker,
    mapping: HeaderMapping,
    retransmitter: Retransmitter,
  ) {
    this.id = transport.participant;
    this.meeting = meeting;
    this.transport = transport;
    this.extensions = media.extensions;
    this.speaker = speaker;
    this.#mapping = mapping;
    this.#retransmitter = retransmitter;
    this.resolver = new StreamResolver(transport, media);
    this.update(media);
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }
  get slots(): readonly ViewedSlot[] {
    return this.#slots;
  }

  /** A further negotiation: new mids are added, what is there stays. */
  update(media: NegotiatedMedia): void {
    this.resolver.update(media);
    for (const negotiated of media.sources) {
      if (!this.#sources.some((source) => source.mid === negotiated.mid)) {
        this.#sources.push(new Source(this.id, negotiated, media.extensions));
      }
    }
    for (const negotiated of media.slots) {
      if (this.#slots.some(({ slot }) => slot.mid === negotiated.mid)) continue;
      const slot = new Slot(negotiated, this.transport.handle, this.#mapping, this.#retransmitter);
      const viewed = new ParticipantSlot(slot);
      this.#slots.push(viewed);
      this.#slotsOf[slot.kind].push(viewed);
      this.transport.addEgressStream(slot);
    }
  }

  /** The source that `stream` feeds now; undefined when another SSRC of the same source is still heard. Hot. */
  sourceOf(stream: IngressStream, nowUs: number): Source | undefined {
    const sources = this.#sources;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as Source;
      if (source.stream === stream) return source;
    }
    const source = sources.find((candidate) => candidate.mid === stream.mid);
    return source?.changeStream(stream, nowUs) ? source : undefined;
  }

  /** The source of `kind`; undefined when there is none, or it is muted. */
  audible(kind: SourceKind): Source | undefined {
    return this.#sources.find((source) => source.kind === kind && !source.muted);
  }

  /** False when nothing changed. */
  setMuted(kind: SourceKind, muted: boolean): boolean {
    let changed = false;
    for (const source of this.#sources) {
      if (source.kind !== kind || source.muted === muted) continue;
      source.muted = muted;
      changed = true;
    }
    return changed;
  }

  /** Entries of unknown mids are ignored. */
  setView(view: readonly ViewEntry[]): void {
    for (const entry of view) {
      const viewed = this.#slots.find(({ slot }) => slot.mid === entry.mid);
      if (viewed !== undefined) viewed.wish = entry.source;
    }
  }

  /** Slots of `kind`, in the order in which the client offered them. */
  slotsOf(kind: MediaKind): readonly ViewedSlot[] {
    return this.#slotsOf[kind];
  }

  /** What the slots are to carry from now on; returns those that changed. */
  assign(
    nowUs: number,
    slots: readonly ViewedSlot[],
    sources: readonly (Source | undefined)[],
    changed: SlotAssignment[],
  ): void {
    slots.forEach(({ slot }, i) => {
      const source = sources[i];
      if (slot.source === source) return;
      if (this.connected) slot.source?.detach(slot);
      slot.source = source;
      if (this.connected) source?.attach(nowUs, slot);
      changed.push({ mid: slot.mid, participant: source?.participant, kind: source?.kind });
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
