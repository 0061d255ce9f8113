/**
 * One encoding as a group of slots gets it: thinned to a target layer, with sequence numbers of its own that have no
 * holes but those of the network. Packets that do not belong to the target are left out as if they had never been; where
 * a number had to be given away before that was known, padding fills it. docs/slots.md tells it by scenarios.
 */
import type { HeaderMapping } from '../egress/header-mapping.ts';
import { PacketHistory } from '../egress/packet-history.ts';
import type { Slot } from '../egress/slot.ts';
import { parseRed } from '../rtp/red.ts';
import { type RedFormat, shapePlain } from './audio-format.ts';
import type { EncodingRun } from './encoding-run.ts';
import { FanOut, MAX_FAN_OUT_ROWS, MAX_REWRITTEN_ROWS, rowBytes } from './fan-out.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import type { LayerSelector } from './layers/layer-selector.ts';
import { PictureNumbers } from './picture-numbers.ts';
import { Placement } from './placement.ts';
import type { PlanRoom } from './plan-room.ts';

/** Packets remembered for retransmission, and for late ones: several seconds of either kind. */
export const VIDEO_HISTORY = 1024;
export const AUDIO_HISTORY = 256;

export class Rendition {
  readonly run: EncodingRun;
  readonly selector: LayerSelector;
  readonly isAudio: boolean;
  readonly format: RedFormat | undefined;
  readonly history: PacketHistory;
  /** Of the packet placed last. */
  readonly placement = new Placement();
  /** Newest number given away, here and by the publisher; −1 before the first. */
  highestIndex = -1;
  highestSource = -1;
  /** Of the newest key frame's first packet; −1 before the first. */
  keyframeIndex = -1;
  /** Of the newest packet that was there: `highestIndex` may be of one that never came. */
  sentIndex = -1;
  highestTimestamp = 0;
  highestArrivalUs = 0;
  /** Of its picture or frame; −1 without. */
  pictureId = -1;
  temporalLayerZeroIndex = -1;
  frameNumber = -1;
  /** Packets and payload bytes sent to each slot that carries the rendition, but for those a slot left out. */
  packetsSent = 0;
  payloadBytesSent = 0;
  /** Slots that start with the packet at hand. */
  readonly entering: Slot[] = [];
  /** Since when nobody has been carrying it. */
  idleSinceUs = 0;
  /** The publisher's number of the first packet. */
  firstSource = -1;
  /** The publisher's timestamps have jumped, and no packet has been placed since. */
  clockJumped = false;
  /** Pictures have been left out, so that the ids of those that follow are others than the publisher's. */
  #movesPictures = false;
  readonly #pictures: PictureNumbers | undefined;
  /** By the publisher's number: the number here, or LEFT_OUT. */
  readonly #placed: Float64Array;
  readonly #mask: number;
  readonly #fanOuts: FanOut[] = [];

  /** `format`: of audio; undefined for plain. */
  constructor(run: EncodingRun, selector: LayerSelector, isAudio: boolean, format?: RedFormat) {
    this.run = run;
    this.selector = selector;
    this.isAudio = isAudio;
    this.format = format;
    const capacity = isAudio ? AUDIO_HISTORY : VIDEO_HISTORY;
    this.history = new PacketHistory(capacity);
    this.#placed = new Float64Array(capacity);
    this.#mask = capacity - 1;
    this.#pictures = run.compactsPictures ? new PictureNumbers() : undefined;
  }

  get fanOuts(): readonly FanOut[] {
    return this.#fanOuts;
  }

  /** Slots that are being sent to. */
  get live(): number {
    let live = 0;
    for (let i = 0; i < this.#fanOuts.length; i++) live += (this.#fanOuts[i] as FanOut).count;
    return live;
  }

  /** Number here of the publisher's `index`, which came or might have; −1 when it was left out or is not known. */
  indexOf(index: number): number {
    if (index < this.firstSource || index > this.highestSource || index <= this.highestSource - this.history.capacity) {
      return -1;
    }
    return this.#placed[index & this.#mask] as number;
  }

  /**
   * Sets `placement` for a packet, which has come for the first time. False when nothing of it goes out. `isEmpty`: it
   * has no content, or none that can be read. Hot.
   */
  place(packet: IncomingPacket, isEmpty: boolean): boolean {
    const { index } = packet;
    if (index <= this.highestSource) return this.#fill(packet, isEmpty);
    if (this.firstSource < 0) this.#begin(index);
    let number = this.highestIndex;
    // Whoever is missing counts as one of ours until it comes.
    for (let missing = this.highestSource + 1; missing < index; missing++)
      this.#placed[missing & this.#mask] = ++number;
    this.highestSource = index;
    this.highestIndex = number;
    if (isEmpty || !this.#keeps(packet)) {
      this.#placed[index & this.#mask] = LEFT_OUT;
      return false;
    }
    number++;
    this.#placed[index & this.#mask] = number;
    this.highestIndex = number;
    this.#put(packet, number, false);
    return true;
  }

  /** Sends the packet placed last to all slots; returns how many got it. */
  send(packet: IncomingPacket, out: PlanRoom): number {
    const { placement } = this;
    const fanOuts = this.#fanOuts;
    let live = 0;
    let sent = 0;
    for (let i = 0; i < fanOuts.length; i++) {
      const fanOut = fanOuts[i] as FanOut;
      if (fanOut.count === 0) continue;
      live += fanOut.count;
      out.makeRoom(fanOut.count, rowBytes(fanOut));
      fanOut.mapping.write(packet, placement, this, out.plan);
      sent += fanOut.send(packet, placement, out);
    }
    if (live > 0) {
      this.packetsSent++;
      this.payloadBytesSent += placement.payloadSize;
    }
    return sent;
  }

  /** The fan-out for a slot; `differs`: its numbers in the payload or in extensions are others than ours. */
  fanOutFor({ mapping }: Slot, differs: boolean): FanOut {
    return this.#fanOut(mapping, differs || this.#movesPictures);
  }

  #fanOut(mapping: HeaderMapping, rewrites: boolean): FanOut {
    const limit = rewrites ? MAX_REWRITTEN_ROWS : MAX_FAN_OUT_ROWS;
    for (const known of this.#fanOuts) {
      if (known.mapping === mapping && known.rewrites === rewrites && known.count < limit) return known;
    }
    const fanOut = new FanOut(mapping, rewrites, this.isAudio);
    this.#fanOuts.push(fanOut);
    return fanOut;
  }

  /** From now on the numbers in payloads are others than the publisher's. */
  #rewriteAll(): void {
    this.#movesPictures = true;
    for (const plain of this.#fanOuts.filter(({ rewrites }) => !rewrites)) {
      while (plain.count > 0) this.#fanOut(plain.mapping, true).takeFrom(plain);
    }
  }

  #begin(index: number): void {
    this.firstSource = index;
    this.highestSource = index - 1;
    this.highestIndex = index - 1;
    this.sentIndex = index - 1;
  }

  /** A late packet: it has a number already. */
  #fill(packet: IncomingPacket, isEmpty: boolean): boolean {
    const number = this.indexOf(packet.index);
    if (number < 0) return false;
    this.#put(packet, number, isEmpty || !this.#keeps(packet));
    return true;
  }

  /** Decides, and sets the picture id of what is kept. */
  #keeps(packet: IncomingPacket): boolean {
    const { frame } = packet;
    const keep = this.selector.keeps(frame);
    if (frame.pictureIdBits === 0) {
      this.placement.pictureId = 0;
      return keep;
    }
    if (this.#pictures === undefined) {
      this.placement.pictureId = frame.pictureId;
      return keep;
    }
    const pictureId = this.#pictures.number(frame.pictureId, frame.pictureIdBits, keep);
    this.placement.pictureId = pictureId;
    if (pictureId !== frame.pictureId && !this.#movesPictures) this.#rewriteAll();
    return pictureId >= 0;
  }

  #put(packet: IncomingPacket, number: number, isFiller: boolean): void {
    const { placement, history } = this;
    placement.index = number;
    placement.isFiller = isFiller;
    if (isFiller) placement.pictureId = 0;
    placement.marker = !isFiller && this.selector.endsPicture(packet.frame, packet.header.marker);
    this.#shape(packet, placement);
    if (packet.frame.isKeyframe && number > this.keyframeIndex) this.keyframeIndex = number;
    if (number > this.sentIndex) this.#advance(packet, number);
    history.put(
      number,
      packet.storeSlot,
      packet.generation,
      packet.sizeBytes,
      packet.frame,
      placement.pictureId,
      placement.marker,
      isFiller,
    );
    history.putTargets(number, placement.activeTargets, placement.targetCount);
  }

  /** Sets what goes out of the packet. */
  #shape(packet: IncomingPacket, placement: Placement): void {
    shapeWhole(packet, placement);
    if (this.isAudio && !placement.isFiller) {
      if (this.format === undefined) shapePlain(packet, placement);
      else this.format.shape(packet, placement);
    }
    // Of an unknown structure, or of an older one, which has other decode targets, nothing is told.
    const isPlaced = packet.frame.decodeTargets !== -1;
    const activeTargets = isPlaced ? this.selector.activeDecodeTargets : undefined;
    placement.targetCount = activeTargets === undefined ? 0 : this.selector.decodeTargetCount;
    placement.activeTargets = activeTargets ?? 0;
  }

  /**
   * The same for a packet read again; false when that cannot be the same as before: what was repeated in it is not at
   * hand any more.
   */
  shapeAgain(packet: IncomingPacket, placement: Placement): boolean {
    shapeWhole(packet, placement);
    if (!this.isAudio || placement.isFiller) return true;
    const { header, bytes, red } = packet;
    packet.isRed = header.payloadType === this.run.codec.redPayloadType;
    if (packet.isRed && !parseRed(bytes, header.payloadOffset, header.payloadSize, red)) return false;
    if (this.format === undefined) shapePlain(packet, placement);
    else if (packet.isRed) this.format.shapeRed(red, placement);
    return this.format === undefined || packet.isRed;
  }

  #advance(packet: IncomingPacket, number: number): void {
    const { frame } = packet;
    this.sentIndex = number;
    this.highestTimestamp = packet.header.timestamp;
    this.highestArrivalUs = packet.arrivalUs;
    if (this.placement.isFiller) return;
    if (frame.pictureIdBits !== 0) this.pictureId = this.placement.pictureId;
    if (frame.temporalLayerZeroIndex >= 0) this.temporalLayerZeroIndex = frame.temporalLayerZeroIndex;
    if (frame.frameNumber >= 0) this.frameNumber = frame.frameNumber;
  }
}

const LEFT_OUT = -1;

/** The whole payload; of a filler one byte of padding, which counts itself (RFC 3550 section 5.1). */
function shapeWhole({ header }: IncomingPacket, placement: Placement): void {
  placement.payloadOffset = header.payloadOffset;
  placement.payloadSize = placement.isFiller ? 0 : header.payloadSize;
  placement.prefixSize = placement.isFiller ? 1 : 0;
  if (placement.isFiller) placement.prefix[0] = 1;
}
