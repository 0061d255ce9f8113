/**
 * How slots come to be fed by an encoding: they wait for a packet with which their receiver can go on, or begin with
 * the last key frame when that and what followed is still at hand. Rarely run: per packet only while somebody waits.
 */
import type { Slot } from '../egress/slot.ts';
import type { NegotiatedCodec } from '../negotiated.ts';
import type { Encoding } from './encoding.ts';
import type { EncodingRun } from './encoding-run.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import { decodableLayer } from './layers/decodable-layer.ts';
import { type Layer, MAX_SPATIAL_LAYERS, MAX_TEMPORAL_LAYERS } from './layers/layer.ts';
import type { LayerReader } from './layers/layer-reader.ts';
import type { LayerSelector } from './layers/layer-selector.ts';
import type { PlanRoom } from './plan-room.ts';
import { Rendition } from './rendition.ts';
import { mayReplay, reachBack, replay } from './replay.ts';

const BASE_LAYER: Layer = { spatial: 0, temporal: 0 };
const KEYFRAME_RETRY_US = 1_000_000;
/** Whoever could go on without a key frame waits so long for a frame that allows it. */
const LAYER_PATIENCE_US = 3_000_000;
/** The next packet, with which a replay comes, is close when the last one was so long ago. */
const FLOWING_US = 200_000;

export class Entrance {
  /** Slots that wait for a point of entry into this encoding. Some of them are fed by another one, or another layer. */
  readonly waiting: Slot[] = [];
  readonly #encoding: Encoding;
  /** Slots that are fed by this encoding and are to get as little of it as possible until they can leave it. */
  readonly #thinning: Slot[] = [];
  #retryUs = 0;
  /** By layer; of `#selectorsOf`. */
  readonly #selectors: LayerSelector[] = [];
  #selectorsOf: LayerReader | undefined;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  /** The slot is to go on with `layer` of the encoding. Nothing happens when it has that already. */
  add(nowUs: number, slot: Slot, wished: Layer, mayReplay: boolean): void {
    slot.waitsFor?.entrance.remove(slot);
    const encoding = this.#encoding;
    const layer = this.#decodable(slot, wished);
    const present = slot.rendition;
    const isFed = present !== undefined && encoding.renditions.includes(present);
    const format = encoding.formatFor(slot);
    if (isFed && layerKey(present.selector.target) === layerKey(layer) && present.format === format) return;
    slot.waitsFor = encoding;
    slot.wanted = wished;
    slot.waitingSinceUs = nowUs;
    slot.mayReplay = mayReplay;
    this.waiting.push(slot);
    const comes = isFed
      ? Math.min(layer.spatial, encoding.spatialLayers - 1) <= present.selector.target.spatial
      : this.#willReplay(nowUs, slot);
    if (!comes) this.#request(nowUs);
  }

  remove(slot: Slot): void {
    const at = this.waiting.indexOf(slot);
    if (at >= 0) this.waiting.splice(at, 1);
    slot.waitsFor = undefined;
  }

  /** Whether `handlePacket` is to be called. */
  get isBusy(): boolean {
    return this.waiting.length > 0 || this.#thinning.length > 0;
  }

  /**
   * The slot, which is fed by this encoding, waits for a smaller one: as its link is likely to be too narrow for what it
   * gets, it gets no more than the base layer of it meanwhile.
   */
  thin(slot: Slot): void {
    const { reader } = this.#encoding;
    if (reader === undefined || this.#thinning.includes(slot)) return;
    if (reader.spatialLayers > 1 || reader.temporalLayers > 1) this.#thinning.push(slot);
  }

  /** Slots that nothing but a key frame helps are there: asks for one. */
  requestKeyframe(nowUs: number): void {
    if (this.waiting.length > 0) this.#request(nowUs);
  }

  /**
   * Lets those in who can go on with `packet`: they leave what feeds them now, and `enter` follows when the packet has
   * its number. `isNewest`, `isNext`: its number is above all before, and follows the highest.
   */
  handlePacket(packet: IncomingPacket, isNewest: boolean, isNext: boolean, out: PlanRoom): void {
    const { waiting } = this;
    let kept = 0;
    for (let i = 0; i < waiting.length; i++) {
      const slot = waiting[i] as Slot;
      if (!this.#admit(slot, packet, isNewest, isNext, out)) waiting[kept++] = slot;
    }
    waiting.length = kept;
    if (this.#thinning.length > 0 && isNext) this.#thinOut(packet, out);
    if (
      kept > 0 &&
      packet.arrivalUs >= this.#retryUs &&
      waiting.some((slot) => this.#needsKeyframe(slot, packet.arrivalUs))
    ) {
      this.#request(packet.arrivalUs);
    }
  }

  /** `rendition` has placed `packet`, or left it out: its entering slots begin with it, or go on waiting. */
  enter(rendition: Rendition, packet: IncomingPacket, isPlaced: boolean): void {
    for (const slot of rendition.entering.splice(0)) {
      const codec = slot.codecFor(rendition.run.codec);
      if (isPlaced && codec !== undefined) slot.begin(rendition, payloadTypeOf(codec, rendition), packet, false);
      else this.#wait(slot, packet.arrivalUs);
    }
  }

  /** Everybody leaves, and waits for a key frame. */
  park(nowUs: number, rendition: Rendition): void {
    for (const slot of slotsOf(rendition)) {
      slot.leave(false);
      if (slot.waitsFor === undefined) slot.wanted = rendition.selector.target;
      this.#wait(slot, nowUs);
    }
  }

  /**
   * The first packet of `rendition` since the publisher's timestamps jumped: everybody who gets it leaves, and begins with
   * it again. Returns whether it was placed.
   */
  reanchor(rendition: Rendition, packet: IncomingPacket): boolean {
    if (!rendition.selector.keeps(packet.frame)) return rendition.place(packet, false);
    rendition.clockJumped = false;
    const slots = slotsOf(rendition);
    for (const slot of slots) slot.leave(true);
    const isPlaced = rendition.place(packet, false);
    for (const slot of slots) {
      const codec = slot.codecFor(rendition.run.codec);
      if (isPlaced && codec !== undefined) slot.begin(rendition, payloadTypeOf(codec, rendition), packet, true);
      else this.#wait(slot, packet.arrivalUs);
    }
    return isPlaced;
  }

  /** Those that can go down with `packet` do; those that have gone or changed their mind are let go. */
  #thinOut(packet: IncomingPacket, out: PlanRoom): void {
    const { run } = this.#encoding;
    for (const slot of this.#thinning.splice(0)) {
      const present = slot.rendition;
      const isPassing = slot.waitsFor !== undefined && slot.waitsFor !== this.#encoding;
      if (run === undefined || present?.run !== run || !isPassing) continue;
      if (present.selector === this.#selector(BASE_LAYER)) continue;
      if (this.#canEnter(packet, BASE_LAYER, present.selector.target)) {
        slot.leave(true);
        this.#rendition(run, slot, BASE_LAYER, out).entering.push(slot);
      } else {
        this.#thinning.push(slot);
      }
    }
  }

  #wait(slot: Slot, nowUs: number): void {
    // Who waits for something else already goes on waiting for that.
    if (slot.waitsFor !== undefined) return;
    slot.waitsFor = this.#encoding;
    slot.waitingSinceUs = nowUs;
    this.waiting.push(slot);
  }

  #request(nowUs: number): void {
    this.#retryUs = nowUs + KEYFRAME_RETRY_US;
    this.#encoding.requestKeyframe(nowUs);
  }

  #admit(slot: Slot, packet: IncomingPacket, isNewest: boolean, isNext: boolean, out: PlanRoom): boolean {
    const { run, source, cache } = this.#encoding;
    const { frame } = packet;
    const codec = run === undefined ? undefined : slot.codecFor(run.codec);
    if (run === undefined || codec === undefined) return false;
    const present = slot.rendition;
    const from = present?.run === run ? present.selector.target : undefined;
    const canGoOn = isNewest && (frame.isKeyframe || (from !== undefined && isNext));
    const layer = this.#decodable(slot, slot.wanted);
    if (canGoOn && this.#canEnter(packet, layer, from)) {
      slot.waitsFor = undefined;
      if (from === undefined) slot.leaveFor(run, out.gate);
      else slot.leave(true);
      this.#rendition(run, slot, layer, out).entering.push(slot);
      return true;
    }
    if (from !== undefined || source.isAudio || !mayReplay(slot, cache)) return false;
    if (!replay(slot, this.#rendition(run, slot, layer, out), codec.payloadType, cache, out)) return false;
    slot.waitsFor = undefined;
    return true;
  }

  #decodable(slot: Slot, layer: Layer): Layer {
    return decodableLayer(this.#encoding.codec?.name, layer, slot.mapping.ids.dependencyDescriptor !== 0);
  }

  #needsKeyframe(slot: Slot, nowUs: number): boolean {
    return slot.rendition?.run !== this.#encoding.run || nowUs - slot.waitingSinceUs > LAYER_PATIENCE_US;
  }

  /** With its first packet, so that no number goes to one that is left out. */
  #canEnter({ header, frame }: IncomingPacket, layer: Layer, from: Layer | undefined): boolean {
    const selector = this.#selector(layer);
    return header.payloadSize > 0 && selector.canEnter(frame, from) && selector.keeps(frame);
  }

  #selector(layer: Layer): LayerSelector {
    const { reader } = this.#encoding;
    if (reader !== this.#selectorsOf) this.#selectors.length = 0;
    this.#selectorsOf = reader;
    const key = layerKey(layer);
    let selector = this.#selectors[key];
    if (selector === undefined) {
      selector = (reader as LayerReader).selector(layer);
      this.#selectors[key] = selector;
    }
    return selector;
  }

  /** The rendition of `layer` as the slot can have it; a new one reaches back to the last key frame when all since then is there. */
  #rendition(run: EncodingRun, slot: Slot, layer: Layer, out: PlanRoom): Rendition {
    const encoding = this.#encoding;
    const selector = this.#selector(layer);
    const format = encoding.formatFor(slot);
    for (const known of encoding.renditions) {
      if (known.selector === selector && known.format === format) return known;
    }
    const rendition = new Rendition(run, selector, encoding.source.isAudio, format);
    rendition.idleSinceUs = encoding.highestArrivalUs;
    encoding.renditions.push(rendition);
    reachBack(rendition, run, encoding.cache, out);
    return rendition;
  }

  /** Whether the slot will be served by the cache with the next packet. */
  #willReplay(nowUs: number, slot: Slot): boolean {
    return mayReplay(slot, this.#encoding.cache) && nowUs - this.#encoding.highestArrivalUs < FLOWING_US;
  }
}

/** Under which the slot's receiver gets the rendition. */
function payloadTypeOf(codec: NegotiatedCodec, rendition: Rendition): number {
  return rendition.format === undefined ? codec.payloadType : (codec.redPayloadType ?? codec.payloadType);
}

function slotsOf(rendition: Rendition): Slot[] {
  return rendition.fanOuts.flatMap((fanOut) => [...fanOut.slots]);
}

/** Targets above all layers there can be are one. */
function layerKey({ spatial, temporal }: Layer): number {
  return Math.min(spatial, MAX_SPATIAL_LAYERS - 1) * MAX_TEMPORAL_LAYERS + Math.min(temporal, MAX_TEMPORAL_LAYERS - 1);
}
