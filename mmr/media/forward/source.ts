/**
 * One source of a participant on its way to the slots that carry it: puts packets in order of their numbers, remembers
 * them for retransmission, lets waiting slots in at a key frame, and sends to the others. All work that is the same for
 * every receiver is done here, once per packet.
 */
import type { ParticipantId } from '../../../common/ids.ts';
import { DropReason } from '../drop-reason.ts';
import type { EgressPlan } from '../egress/egress-plan.ts';
import { type HeaderMapping, MAX_HEADER_BLOCK_BYTES } from '../egress/header-mapping.ts';
import { PacketHistory } from '../egress/packet-history.ts';
import type { Slot } from '../egress/slot.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import type { ExtensionIds, NegotiatedCodec, NegotiatedSource, SourceKind } from '../negotiated.ts';
import { isKeyframe } from '../rtp/codec/keyframe.ts';
import { timestampDelta } from '../rtp/serial.ts';
import { FanOut, MAX_FAN_OUT_ROWS } from './fan-out.ts';
import type { IncomingPacket } from './incoming-packet.ts';

/** Packets remembered for retransmission: several seconds of either kind. */
export const VIDEO_HISTORY = 1024;
export const AUDIO_HISTORY = 256;
/**
 * A gap in the numbers from which on the publisher is taken for restarted. Slots do not show it: nobody could fill it, and
 * receivers would ask for every packet of it.
 */
export const MAX_SEQUENCE_GAP = 1000;
/** How far a timestamp may run ahead of the clock before it counts as a jump, which slots do not show. */
const MAX_TIMESTAMP_LEAD_SECONDS = 3;
/** A second SSRC of the same source is heard only after the first has been silent for so long. */
const STREAM_CHANGE_US = 500_000;
const KEYFRAME_RETRY_US = 1_000_000;

/** The plan, and how to get room in it. The packet path implements it. */
export interface PlanRoom {
  readonly plan: EgressPlan;
  /** Afterwards `records` more records with `sideBytes` more side bytes fit. */
  makeRoom(records: number, sideBytes: number): void;
}

export class Source {
  readonly participant: ParticipantId;
  readonly mid: string;
  readonly kind: SourceKind;
  readonly isAudio: boolean;
  readonly clockRateHz: number;
  /** The publisher's extension ids. */
  readonly extensions: ExtensionIds;
  readonly codecs: readonly NegotiatedCodec[];
  muted: boolean;
  /** The SSRC that feeds the source now. */
  stream: IngressStream | undefined;
  /** Undefined before the first packet. */
  codec: NegotiatedCodec | undefined;
  history: PacketHistory;
  /** Of the packet with the highest number: widened number (−1 before the first), RTP timestamp, arrival. */
  highestIndex = -1;
  highestTimestamp = 0;
  highestArrivalUs = 0;
  /** Packets and payload bytes sent to each slot that carries the source, but for those the slot left out. */
  packetsSent = 0;
  payloadBytesSent = 0;
  #payloadType = -1;
  /** Numbers below are of before the last restart. */
  #floorIndex = 0;
  #keyframeTimestamp = -1;
  #keyframeRetryUs = 0;
  readonly #fanOuts: FanOut[] = [];
  readonly #waiting: Slot[] = [];

  constructor(participant: ParticipantId, negotiated: NegotiatedSource, extensions: ExtensionIds) {
    this.participant = participant;
    this.mid = negotiated.mid;
    this.kind = negotiated.kind;
    this.isAudio = negotiated.kind === 'microphone';
    this.clockRateHz = negotiated.codecs[0]?.clockRateHz ?? (this.isAudio ? 48_000 : 90_000);
    this.extensions = extensions;
    this.codecs = negotiated.codecs;
    this.muted = negotiated.muted;
    this.history = new PacketHistory(this.isAudio ? AUDIO_HISTORY : VIDEO_HISTORY);
  }

  /** Slots that wait for a point of entry. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Slots that are being sent to. */
  get live(): number {
    let live = 0;
    for (const fanOut of this.#fanOuts) live += fanOut.count;
    return live;
  }

  /** The slot is to carry this source from its next point of entry on. */
  attach(nowUs: number, slot: Slot): void {
    this.#waiting.push(slot);
    this.requestKeyframe(nowUs);
  }

  detach(slot: Slot): void {
    const at = this.#waiting.indexOf(slot);
    if (at >= 0) this.#waiting.splice(at, 1);
    else this.#leave(slot);
  }

  /** Asks the publisher for a key frame; how often that reaches him is the stream's affair. */
  requestKeyframe(nowUs: number): void {
    if (this.isAudio) return;
    this.#keyframeRetryUs = nowUs + KEYFRAME_RETRY_US;
    this.stream?.requestKeyframe(nowUs);
  }

  /**
   * The packets that follow are of `stream`. False when another SSRC of this source is still heard: then they are not.
   * Without that rule a publisher who alternates between two SSRCs would make every slot start anew for each packet.
   */
  changeStream(stream: IngressStream, nowUs: number): boolean {
    if (this.stream !== undefined) {
      if (nowUs - this.highestArrivalUs < STREAM_CHANGE_US && !this.stream.ended) return false;
      this.#park();
      // Slots still refer to the old one, to repeat what they sent from it.
      this.history = new PacketHistory(this.history.capacity);
      this.highestIndex = -1;
      this.#floorIndex = 0;
    }
    this.stream = stream;
    if (this.#waiting.length > 0) this.requestKeyframe(nowUs);
    return true;
  }

  /**
   * One packet of `stream`, after SRTP and policing. Returns DropReason.none when it went to at least one slot.
   * Allocates nothing, but for the first packets after a change.
   */
  handlePacket(packet: IncomingPacket, out: PlanRoom): DropReason {
    // Before the numbers are looked at: slots take what the source has advanced by for what they have sent.
    if (this.muted) return DropReason.noReceiver;
    if (packet.index > this.highestIndex) this.#advance(packet);
    else if (this.#isUnwanted(packet)) return DropReason.tooOld;
    this.history.put(packet.index, packet.storeSlot, packet.generation, packet.sizeBytes);
    packet.isEntryPoint = this.isAudio || this.#startsKeyframe(packet);
    if (this.#waiting.length > 0) this.#handleWaiting(packet);
    return this.#send(packet, out);
  }

  #send(packet: IncomingPacket, out: PlanRoom): DropReason {
    const fanOuts = this.#fanOuts;
    let live = 0;
    let sent = 0;
    for (let i = 0; i < fanOuts.length; i++) {
      const fanOut = fanOuts[i] as FanOut;
      if (fanOut.count === 0) continue;
      out.makeRoom(fanOut.count, MAX_HEADER_BLOCK_BYTES);
      fanOut.mapping.write(packet, this.extensions, this.isAudio, out.plan);
      sent += fanOut.send(packet, out.plan);
      live += fanOut.count;
    }
    if (live > 0) {
      this.packetsSent++;
      this.payloadBytesSent += packet.header.payloadSize;
      return sent > 0 ? DropReason.none : DropReason.tooOld;
    }
    return this.#waiting.length > 0 ? DropReason.awaitingKeyframe : DropReason.noReceiver;
  }

  /** A packet with a number higher than all before. */
  #advance(packet: IncomingPacket): void {
    const gap = packet.index - this.highestIndex;
    if (this.highestIndex < 0 || packet.header.payloadType !== this.#payloadType || gap > MAX_SEQUENCE_GAP) {
      this.#restart(packet);
    } else if (this.#timestampJumped(packet)) {
      this.#reanchor(packet);
    }
    this.highestIndex = packet.index;
    this.highestTimestamp = packet.header.timestamp;
    this.highestArrivalUs = packet.arrivalUs;
  }

  #isUnwanted(packet: IncomingPacket): boolean {
    return (
      packet.index < this.#floorIndex ||
      packet.index <= this.highestIndex - this.history.capacity ||
      packet.header.payloadType !== this.#payloadType ||
      // Seen before. SRTP refuses replays; this holds as well where its window was begun anew.
      this.history.find(packet.index) >= 0
    );
  }

  /** First packet, another codec, or numbers so far ahead that the publisher must have begun anew. */
  #restart(packet: IncomingPacket): void {
    this.#park();
    this.#floorIndex = packet.index;
    this.#keyframeTimestamp = -1;
    this.#payloadType = packet.header.payloadType;
    this.codec = this.stream?.codec(packet.header.payloadType);
    if (this.#waiting.length > 0) this.requestKeyframe(packet.arrivalUs);
  }

  #timestampJumped(packet: IncomingPacket): boolean {
    const step = timestampDelta(packet.header.timestamp, this.highestTimestamp);
    if (step >= 0 && step < this.clockRateHz) return false; // The usual case, without floating point.
    const elapsed = ((packet.arrivalUs - this.highestArrivalUs) * this.clockRateHz) / 1e6;
    return step < 0 || step > elapsed + MAX_TIMESTAMP_LEAD_SECONDS * this.clockRateHz;
  }

  /** The publisher's timestamps jumped: slots go on with theirs, and what he sends is decodable as before. */
  #reanchor(packet: IncomingPacket): void {
    this.#floorIndex = packet.index;
    for (const slot of this.#leaveAll()) {
      if (!this.#start(slot, packet)) this.#waiting.push(slot);
    }
  }

  #park(): void {
    for (const slot of this.#leaveAll()) this.#waiting.push(slot);
  }

  #leaveAll(): Slot[] {
    const slots = this.#fanOuts.flatMap((fanOut) => [...fanOut.slots]);
    for (const slot of slots) this.#leave(slot);
    return slots;
  }

  #leave(slot: Slot): void {
    slot.end(this);
    slot.fanOut?.remove(slot.row);
    slot.fanOut = undefined;
  }

  #startsKeyframe(packet: IncomingPacket): boolean {
    const { header } = packet;
    if (
      this.codec === undefined ||
      !isKeyframe(this.codec.name, packet.bytes, header.payloadOffset, header.payloadSize)
    ) {
      return false;
    }
    // The parameter sets and the picture of an H264 key frame may each look like its start; the first is it.
    if (header.timestamp === this.#keyframeTimestamp) return false;
    this.#keyframeTimestamp = header.timestamp;
    this.stream?.handleKeyframe();
    return true;
  }

  #handleWaiting(packet: IncomingPacket): void {
    if (packet.isEntryPoint) {
      for (const slot of this.#waiting.splice(0)) {
        if (!this.#start(slot, packet)) this.#waiting.push(slot);
      }
    } else if (packet.arrivalUs >= this.#keyframeRetryUs) {
      this.requestKeyframe(packet.arrivalUs);
    }
  }

  /** False when the slot's receiver cannot decode the source's codec: it goes on waiting for another one. */
  #start(slot: Slot, packet: IncomingPacket): boolean {
    const segment = slot.begin(packet, this);
    if (segment === undefined) return false;
    slot.fanOut = this.#fanOutFor(slot.mapping);
    slot.fanOut.add(
      slot,
      slot.transport,
      segment.payloadType,
      segment.timestampOffset,
      segment.indexOffset,
      packet.index,
    );
    return true;
  }

  #fanOutFor(mapping: HeaderMapping): FanOut {
    let fanOut = this.#fanOuts.find((known) => known.mapping === mapping && known.count < MAX_FAN_OUT_ROWS);
    if (fanOut === undefined) {
      fanOut = new FanOut(mapping);
      this.#fanOuts.push(fanOut);
    }
    return fanOut;
  }
}
