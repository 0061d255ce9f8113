/**
 * One source that the other end of a trunk has demanded: a slot for each of its encodings, which get what the trunk's
 * allocation says. A slot like a viewer's, but it never takes another encoding than its own.
 */
import type { AllocatedSlot } from '../allocation/driver.ts';
import type { LayerOption } from '../allocation/ladder.ts';
import type { HeaderMapping } from '../egress/header-mapping.ts';
import type { Retransmitter } from '../egress/retransmitter.ts';
import { Slot } from '../egress/slot.ts';
import { ALL_LAYERS, type LayerTarget } from '../forward/layers/layer.ts';
import type { Source } from '../forward/source.ts';
import { sortedRids } from './reception.ts';
import type { RelayLayers } from './relay-layers.ts';
import { announcedCodecs, trunkCodecs } from './trunk-codecs.ts';
import type { DemandMessage, SourceName, TrunkCodec } from './trunk-messages.ts';

/** What a relay's slots are made with and where they are sent. */
export interface RelayHost {
  readonly handle: number;
  readonly mapping: HeaderMapping;
  readonly retransmitter: Retransmitter;
  addStream(slot: Slot): boolean;
  removeStream(slot: Slot): void;
}

export class Relay implements AllocatedSlot {
  readonly name: SourceName;
  readonly mid: string;
  readonly isAudio: boolean;
  readonly ssrc: number;
  /** Undefined while the source is not here. */
  source: Source | undefined;
  layers: RelayLayers | undefined;
  /** As demanded: Infinity for no limit. */
  maxHeight = Number.POSITIVE_INFINITY;
  /** The demand has been made since the last resynchronisation. */
  isConfirmed = true;
  readonly hasDescriptor = true;
  readonly isPinned = false;
  readonly maxFps = Number.POSITIVE_INFINITY;
  importance = 0;
  present: LayerOption | undefined;
  isFresh = true;
  suspended = false;
  readonly slots: readonly Slot[];
  readonly #rids: readonly string[];
  /** Of the source it was made for. */
  readonly #format: string;
  readonly #host: RelayHost;

  constructor(host: RelayHost, demand: DemandMessage, source: Source) {
    this.#host = host;
    this.name = { meeting: demand.meeting, participant: demand.participant, kind: demand.kind };
    this.mid = `${demand.meeting}/${demand.kind}/${demand.participant}`;
    this.isAudio = source.isAudio;
    this.ssrc = demand.ssrc;
    this.#format = formatOf(source);
    this.#rids = sortedRids(source.encodings.map(({ rid }) => rid));
    const codecs = trunkCodecs(announcedCodecs(source.codecs));
    this.slots = this.#rids.map((rid, i) => {
      const kind = source.isAudio ? 'audio' : 'video';
      const ssrcs = { ssrc: demand.ssrc + 2 * i, rtxSsrc: demand.ssrc + 2 * i + 1 };
      const negotiated = { mid: `${this.mid}/${rid}`, kind, codecs, ...ssrcs, nack: true } as const;
      const slot = new Slot(negotiated, host.handle, host.mapping, host.retransmitter);
      slot.isExact = true;
      return slot;
    });
  }

  /** False when the trunk has as many streams as it may. */
  open(): boolean {
    return this.slots.every((slot) => this.#host.addStream(slot));
  }

  /** The source as it is now: here, gone, or another one in its place, which must be of the same format to be sent. */
  setSource(nowUs: number, source: Source | undefined, layers: RelayLayers | undefined): void {
    const next = source !== undefined && formatOf(source) === this.#format ? source : undefined;
    if (next === this.source) return;
    this.#detach();
    this.source = next;
    this.layers = next === undefined ? undefined : layers;
    this.present = undefined;
    this.isFresh = true;
    this.suspended = false;
    if (next === undefined) return;
    for (const slot of this.slots) {
      if (!this.isAudio) slot.setTarget(nowUs, undefined, '');
      slot.source = next;
      next.attach(nowUs, slot);
    }
  }

  /** `target` and everything below it. */
  apply(nowUs: number, target: LayerTarget | undefined, reason: string): void {
    const order = this.source?.encodings.map(({ rid }) => rid) ?? [];
    const top = target === undefined ? -1 : order.indexOf(target.rid);
    this.slots.forEach((slot, i) => {
      const rid = this.#rids[i] ?? '';
      const rank = order.indexOf(rid);
      const ofThis = rank > top ? undefined : rank === top ? target : { rid, ...ALL_LAYERS };
      slot.setTarget(nowUs, ofThis, reason);
    });
  }

  close(): void {
    this.#detach();
    this.source = undefined;
    this.layers = undefined;
    for (const slot of this.slots) this.#host.removeStream(slot);
  }

  #detach(): void {
    for (const slot of this.slots) {
      slot.source?.detach(slot);
      slot.source = undefined;
    }
  }
}

/** Equal for sources that look the same on a trunk. */
export function formatOf({ codecs, encodings }: Pick<Source, 'codecs' | 'encodings'>): string {
  return describeFormat(
    announcedCodecs(codecs),
    encodings.map(({ rid }) => rid),
  );
}

export function describeFormat(codecs: readonly TrunkCodec[], rids: readonly string[]): string {
  const names = codecs.map(({ name, clockRateHz, key }) => [name, clockRateHz, key]);
  return JSON.stringify([names, sortedRids(rids)]);
}
