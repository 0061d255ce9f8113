/**
 * One encoding of a source, which is one SSRC at a time: takes each of its packets once, reads its place among the
 * layers, and gives it to the renditions that somebody gets. All work that is the same for every receiver is done here,
 * once per packet.
 */
import { DropReason } from '../drop-reason.ts';
import { PACKET_OVERHEAD_BYTES } from '../egress/egress-gate.ts';
import type { Slot } from '../egress/slot.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import type { NegotiatedCodec } from '../negotiated.ts';
import { timestampDelta } from '../rtp/serial.ts';
import type { RedFormat } from './audio-format.ts';
import { AudioFormats } from './audio-formats.ts';
import { EncodingRun } from './encoding-run.ts';
import { Entrance } from './entrance.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import { KeyframeCache } from './keyframe-cache.ts';
import { LayerRates } from './layer-rates.ts';
import type { Layer } from './layers/layer.ts';
import type { LayerReader } from './layers/layer-reader.ts';
import { makeLayerReader } from './layers/make-layer-reader.ts';
import type { PlanRoom } from './plan-room.ts';
import type { Rendition } from './rendition.ts';
import { SEEN_PACKETS, SeenWindow } from './seen-window.ts';
import type { Source } from './source.ts';

/**
 * A gap in the numbers from which on the publisher is taken for restarted. Slots do not show it: nobody could fill it, and
 * receivers would ask for every packet of it.
 */
export const MAX_SEQUENCE_GAP = 1000;
/** How far a timestamp may run ahead of the clock before it counts as a jump, which slots do not show. */
const MAX_TIMESTAMP_LEAD_SECONDS = 3;
/** A second SSRC of the same encoding is heard only after the first has been silent for so long. */
const STREAM_CHANGE_US = 500_000;
/** Without packets for so long, an encoding does not count as sent. */
const ACTIVE_US = 2_000_000;
/** A rendition that nobody gets goes on so long, so that what came late can still be sent again. */
const LINGER_US = 2_000_000;

export class Encoding {
  readonly source: Source;
  /** '' for a source without simulcast. */
  readonly rid: string;
  /** The SSRC that feeds it now. */
  stream: IngressStream | undefined;
  /** Undefined before the first packet. */
  run: EncodingRun | undefined;
  reader: LayerReader | undefined;
  readonly cache = new KeyframeCache();
  /** Of the packet with the highest number: widened number (−1 before the first), RTP timestamp, arrival. */
  highestIndex = -1;
  highestTimestamp = 0;
  highestArrivalUs = Number.NEGATIVE_INFINITY;
  readonly entrance: Entrance;
  renditions: Rendition[] = [];
  /** Pictures of the source's other encodings since the last one of this. */
  missedPictures = 0;
  #floorIndex = 0;
  #keyframeTimestamp = -1;
  readonly #seen = new SeenWindow();
  readonly #rates = new LayerRates();
  readonly #formats = new AudioFormats();
  #room: PlanRoom | undefined;

  constructor(source: Source, rid: string) {
    this.source = source;
    this.rid = rid;
    this.entrance = new Entrance(this);
  }

  get codec(): NegotiatedCodec | undefined {
    return this.run?.codec;
  }

  /** Whether packets have come within the last 2 s. */
  get active(): boolean {
    return this.#nowUs - this.highestArrivalUs < ACTIVE_US;
  }

  get spatialLayers(): number {
    return this.reader?.spatialLayers ?? 1;
  }

  get temporalLayers(): number {
    return this.reader?.temporalLayers ?? 1;
  }

  /** Height in pixels of the picture of a spatial layer; undefined while unknown. */
  height(spatial: number): number | undefined {
    return this.reader?.height(spatial);
  }

  /** Over the last second, of everything up to and with this layer, with all headers: what it costs the path. */
  bitrateBps(spatial: number, temporal: number): number {
    return this.#rates.bitrateBps(this.#nowUs, spatial, temporal);
  }

  framesPerSecond(spatial: number, temporal: number): number {
    return this.#rates.framesPerSecond(this.#nowUs, spatial, temporal);
  }

  /** Slots that are being sent to. */
  get live(): number {
    let live = 0;
    for (let i = 0; i < this.renditions.length; i++) live += (this.renditions[i] as Rendition).live;
    return live;
  }

  /** Audio: how the slot's receiver gets it; undefined for plain, and for video. */
  formatFor(slot: Slot): RedFormat | undefined {
    return this.run === undefined || !this.source.isAudio ? undefined : this.#formats.for(slot, this.run.codec);
  }

  /** The slot is to get `layer` of this encoding from the next point of entry on. */
  want(nowUs: number, slot: Slot, layer: Layer, mayReplay = true): void {
    this.entrance.add(nowUs, slot, layer, mayReplay);
  }

  /** Asks the publisher for a key frame; how often that reaches him is the stream's affair. */
  requestKeyframe(nowUs: number): void {
    if (!this.source.isAudio) this.stream?.requestKeyframe(nowUs);
  }

  /**
   * The packets that follow are of `stream`. False when another SSRC of this encoding is still heard: then they are not.
   * Without that rule a publisher who alternates between two SSRCs would make every slot start anew for each packet.
   */
  changeStream(stream: IngressStream, nowUs: number): boolean {
    if (this.stream !== undefined) {
      if (nowUs - this.highestArrivalUs < STREAM_CHANGE_US && !this.stream.ended) return false;
      this.#park(nowUs);
      this.run = undefined;
      this.highestIndex = -1;
      this.#floorIndex = 0;
    }
    this.stream = stream;
    stream.keyframeRequest.budget = this.source.keyframeBudget;
    this.entrance.requestKeyframe(nowUs);
    return true;
  }

  /**
   * The publisher mutes: what he sends afterwards builds on pictures that nobody got, and what comes late of before is not
   * shown any more. All slots wait for what he begins with then.
   */
  interrupt(nowUs: number): void {
    this.#park(nowUs);
    this.#floorIndex = this.highestIndex + 1;
  }

  /**
   * One packet of `stream`, after SRTP and policing. Returns DropReason.none when it went to at least one slot.
   * Allocates nothing, but for the first packets after a change.
   */
  handlePacket(packet: IncomingPacket, out: PlanRoom): DropReason {
    this.#room = out;
    const isNext = packet.index === this.highestIndex + 1;
    const isNewest = packet.index > this.highestIndex;
    if (isNewest) this.#advance(packet);
    else if (packet.index < this.#floorIndex || packet.index <= this.highestIndex - SEEN_PACKETS) {
      return DropReason.tooOld;
    }
    const { run } = this;
    if (run === undefined) return DropReason.rtpNotNegotiated;
    if (!this.#seen.take(packet.index)) return DropReason.duplicate;
    const isEmpty = packet.header.payloadSize === 0;
    const isReadable = this.#read(packet, run, isEmpty);
    if (this.entrance.isBusy) this.entrance.handlePacket(packet, isNewest, isNext, out);
    if (!this.source.isAudio) this.cache.handle(packet, !isReadable);
    const sent = this.#send(packet, isReadable, out);
    if (isEmpty) return DropReason.paddingOnly;
    if (!isReadable) return DropReason.rtpMalformed;
    return sent > 0 ? DropReason.none : this.#whyNot(isNewest);
  }

  #send(packet: IncomingPacket, isReadable: boolean, out: PlanRoom): number {
    const { renditions } = this;
    let sent = 0;
    for (let i = 0; i < renditions.length; i++) {
      const rendition = renditions[i] as Rendition;
      const isPlaced =
        rendition.clockJumped && isReadable
          ? this.entrance.reanchor(rendition, packet)
          : rendition.place(packet, !isReadable);
      if (rendition.entering.length > 0) this.entrance.enter(rendition, packet, isPlaced);
      const { live } = rendition;
      if (isPlaced && live > 0) sent += rendition.send(packet, out);
      if (live === 0 && packet.arrivalUs - rendition.idleSinceUs > LINGER_US) renditions.splice(i--, 1);
    }
    return sent;
  }

  #whyNot(isNewest: boolean): DropReason {
    // A late packet is not for slots that started after it.
    if (this.live > 0) return isNewest ? DropReason.layerUnwatched : DropReason.tooOld;
    if (this.entrance.waiting.length > 0) return DropReason.awaitingKeyframe;
    return this.source.attached > 0 ? DropReason.layerUnwatched : DropReason.noReceiver;
  }

  /** Fills `packet.frame`, and counts. False when there is no content, or none that can be read. */
  #read(packet: IncomingPacket, run: EncodingRun, isEmpty: boolean): boolean {
    const { frame } = packet;
    packet.codec = run.codec.name;
    if (this.source.isAudio && !isEmpty) {
      if (!this.#formats.read(packet, run.codec)) return false;
      if (this.#formats.takeChange()) this.source.retargetAll(packet.arrivalUs);
    }
    if (isEmpty || !(this.reader as LayerReader).read(packet, run.extensions)) {
      frame.reset();
      frame.startsFrame = false;
      frame.startsPicture = false;
      return false;
    }
    if (frame.startsPicture && this.source.encodings.length > 1) this.source.handlePicture(this);
    if (frame.isKeyframe && !this.source.isAudio) this.#handleKeyframe(packet);
    // Redundancy is not counted: each receiver may get it or not.
    const repeatedBytes = this.source.isAudio && packet.isRed ? packet.header.payloadSize - packet.red.primarySize : 0;
    const costBytes = packet.sizeBytes - repeatedBytes + PACKET_OVERHEAD_BYTES;
    this.#rates.handle(packet.arrivalUs, frame.spatial, frame.temporal, costBytes, frame.startsFrame);
    return true;
  }

  #handleKeyframe(packet: IncomingPacket): void {
    // The parameter sets and the picture of an H264 key frame may each look like its start; the first is it.
    if (packet.header.timestamp === this.#keyframeTimestamp) {
      packet.frame.isKeyframe = false;
      return;
    }
    this.#keyframeTimestamp = packet.header.timestamp;
    this.source.handleKeyframe(packet.arrivalUs, this);
    const { stream } = this;
    if (stream === undefined) return;
    // After the above: what asks for this encoding now gets this key frame.
    stream.handleKeyframe(packet.index);
    if (this.cache.keyframeBytes !== undefined) stream.keyframeRequest.priceBytes = this.cache.keyframeBytes;
  }

  /** A packet with a number higher than all before. */
  #advance(packet: IncomingPacket): void {
    const { header } = packet;
    const codec = this.stream?.codec(header.payloadType);
    const gap = packet.index - this.highestIndex;
    if (this.run === undefined || codec !== this.run.codec || gap > MAX_SEQUENCE_GAP) this.#restart(packet, codec);
    else if (this.#timestampJumped(packet)) this.#reanchor(packet);
    // Who comes now is not to see what was sent before a pause.
    else if (packet.arrivalUs - this.highestArrivalUs > ACTIVE_US) this.cache.clear();
    this.highestIndex = packet.index;
    this.highestTimestamp = header.timestamp;
    this.highestArrivalUs = packet.arrivalUs;
  }

  /** First packet, another codec, or numbers so far ahead that the publisher must have begun anew. */
  #restart(packet: IncomingPacket, codec: NegotiatedCodec | undefined): void {
    this.#park(packet.arrivalUs);
    this.#floorIndex = packet.index;
    this.#keyframeTimestamp = -1;
    this.#seen.restart(packet.index);
    if (codec === undefined || this.stream === undefined) {
      this.run = undefined;
      return;
    }
    if (this.reader === undefined || codec !== this.run?.codec) this.reader = makeLayerReader(codec.name);
    this.#formats.restart();
    const { extensions, isRelayed, participant, mid } = this.source;
    this.run = new EncodingRun(this.stream, codec, extensions, isRelayed ? mid : participant, isRelayed);
    this.entrance.requestKeyframe(packet.arrivalUs);
  }

  #timestampJumped(packet: IncomingPacket): boolean {
    const { clockRateHz } = this.source;
    const step = timestampDelta(packet.header.timestamp, this.highestTimestamp);
    if (step >= 0 && step < clockRateHz) return false; // The usual case, without floating point.
    const elapsed = ((packet.arrivalUs - this.highestArrivalUs) * clockRateHz) / 1e6;
    return step < 0 || step > elapsed + MAX_TIMESTAMP_LEAD_SECONDS * clockRateHz;
  }

  /** The publisher's timestamps jumped: slots go on with theirs, and what he sends is decodable as before. */
  #reanchor(packet: IncomingPacket): void {
    this.#floorIndex = packet.index;
    this.cache.clear();
    for (const rendition of this.renditions) rendition.clockJumped = true;
  }

  /** All slots wait for what begins now, and nothing of before is comparable with it. */
  #park(nowUs: number): void {
    for (const rendition of this.renditions) this.entrance.park(nowUs, rendition);
    this.renditions = [];
    this.cache.clear();
  }

  get #nowUs(): number {
    return this.#room?.nowUs ?? 0;
  }
}
