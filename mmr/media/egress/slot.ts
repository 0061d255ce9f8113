/**
 * One m-line on which a subscriber receives: a single continuous RTP stream, whatever source and layer feeds it. Here is
 * what it is to carry and what its receiver says about it; its numbers are in `continuity.ts`, and what happens per
 * packet in `forward/fan-out.ts`. docs/slots.md tells it by scenarios.
 */
import type { Encoding } from '../forward/encoding.ts';
import type { EncodingRun } from '../forward/encoding-run.ts';
import type { FanOut } from '../forward/fan-out.ts';
import type { IncomingPacket } from '../forward/incoming-packet.ts';
import type { KeyframeBudget } from '../forward/keyframe-budget.ts';
import { ALL_LAYERS, type Layer, type LayerTarget } from '../forward/layers/layer.ts';
import type { Rendition } from '../forward/rendition.ts';
import type { Source } from '../forward/source.ts';
import type { MediaKind, NegotiatedCodec, NegotiatedSlot } from '../negotiated.ts';
import type { EgressStream } from '../transport/egress-stream.ts';
import { Continuity } from './continuity.ts';
import type { EgressGate } from './egress-gate.ts';
import type { EgressPlan } from './egress-plan.ts';
import type { HeaderMapping } from './header-mapping.ts';
import { writePadding } from './padding-writer.ts';
import type { Retransmitter } from './retransmitter.ts';
import { RtxStream } from './rtx-stream.ts';
import type { Segment } from './segment.ts';
import type { UnusedNumbers } from './unused-numbers.ts';

/** What a slot is to get of its source: a target, the best there is, or nothing for now. */
export type SlotTarget = LayerTarget | 'best' | undefined;

/**
 * Loss from which on audio is sent with redundancy, and below which no more: libwebrtc's Opus begins with FEC at 2 % too
 * (AudioEncoderOpusImpl, NewPacketLossRate), and its receivers hide single losses well below.
 */
const REDUNDANCY_ON_LOSS = 0.02;
const REDUNDANCY_OFF_LOSS = 0.005;
/** What cannot be repaired brings a key frame this often at most. */
const RENEWAL_INTERVAL_US = 1_000_000;
/** A picture that goes down to a smaller encoding waits no longer than this for what is queued of the larger one. */
const MAX_DELAY_BEFORE_KEYFRAME_US = 50_000;
/** Reports in a row without loss, one a second each. */
const QUIET_REPORTS = 10;

export class Slot implements EgressStream {
  readonly mid: string;
  readonly kind: MediaKind;
  readonly ssrc: number;
  readonly clockRateHz: number;
  readonly codecs: readonly NegotiatedCodec[];
  /** Equal for slots that can decode the same. */
  readonly codecKeys: string;
  readonly transport: number;
  readonly mapping: HeaderMapping;
  /** Where packets are sent again and padding is sent; undefined when RTX was not negotiated. */
  readonly rtx: RtxStream | undefined;
  /** The source assigned by the meeting; it is attached to it while the participant is connected. */
  source: Source | undefined;
  /** Where the slot is: the rendition that feeds it, its place in there; set by them. */
  rendition: Rendition | undefined;
  fanOut: FanOut | undefined;
  row = -1;
  /** The encoding whose next point of entry the slot waits for, which layer of it, and since when; set by them. */
  waitsFor: Encoding | undefined;
  wanted: Layer = ALL_LAYERS;
  waitingSinceUs = 0;
  readonly continuity: Continuity;
  /** The receiver's, for all his slots: what key frames he may ask for; undefined: any. Set by the meeting. */
  keyframeShare: KeyframeBudget | undefined;
  /** Gets the encoding of its target and no other, whether it is sent or not. Of trunks. */
  isExact = false;
  /** May begin with a key frame that went by. */
  mayReplay = true;
  /** From the receiver's last report, 0–1. */
  fractionLost = 0;
  /** Audio: so much gets lost on the way to the receiver that packets are to repeat what went before. */
  wantsRedundancy = false;
  /** Audio: otherwise it is sent without redundancy, however it came. */
  hasRedundancyRoom = true;
  /** Why it has the target that it has: for people who look at the statistics. */
  reason = '';
  readonly #retransmitter: Retransmitter;
  #target: SlotTarget = 'best';
  #quietReports = 0;
  #renewedUs = Number.NEGATIVE_INFINITY;

  /** `transport` is the engine's handle. */
  constructor(negotiated: NegotiatedSlot, transport: number, mapping: HeaderMapping, retransmitter: Retransmitter) {
    this.mid = negotiated.mid;
    this.kind = negotiated.kind;
    this.ssrc = negotiated.ssrc >>> 0;
    this.codecs = negotiated.codecs;
    this.codecKeys = negotiated.codecs.map(({ key }) => key).join(' ');
    this.clockRateHz = negotiated.codecs[0]?.clockRateHz ?? (negotiated.kind === 'audio' ? 48_000 : 90_000);
    this.transport = transport;
    this.mapping = mapping;
    this.rtx = negotiated.rtxSsrc === undefined ? undefined : new RtxStream(negotiated.rtxSsrc);
    this.#retransmitter = retransmitter;
    this.continuity = new Continuity(this.ssrc, this.clockRateHz);
  }

  get packetsSent(): number {
    return this.continuity.packetsSent;
  }

  get payloadBytesSent(): number {
    return this.continuity.payloadBytesSent;
  }

  /** Highest widened sequence number sent so far, or one less than the first. */
  get highestIndex(): number {
    return this.continuity.highestIndex;
  }

  /** Undefined: suspended, nothing is sent until there is a target again. */
  get target(): SlotTarget {
    return this.#target;
  }

  /** What to get of the present source and those to come; `reason` is for people. */
  setTarget(nowUs: number, target: SlotTarget, reason: string): void {
    this.reason = reason;
    if (isEqual(this.#target, target)) return;
    this.#target = target;
    this.source?.retarget(nowUs, this);
  }

  /** Whether the receiver negotiated one of `codecs`. */
  accepts(codecs: readonly NegotiatedCodec[]): boolean {
    return codecs.some((codec) => this.codecs.some((own) => own.key === codec.key));
  }

  /** The receiver's side of a publisher's codec; undefined when it has none. */
  codecFor(codec: NegotiatedCodec): NegotiatedCodec | undefined {
    return this.codecs.find(({ key }) => key === codec.key);
  }

  /** Goes on with `rendition` from number `startIndex` of it on. */
  enter(rendition: Rendition, segment: Segment, startIndex: number): void {
    this.rendition = rendition;
    const differs = ((segment.pictureIdOffset | segment.zeroIndexOffset | segment.frameNumberOffset) & 0xffff) !== 0;
    this.fanOut = rendition.fanOutFor(this, differs);
    this.fanOut.add(this, segment, startIndex);
  }

  /** Goes on with `packet`, which `rendition` has just placed. `clockJumped`: its timestamp says nothing. */
  begin(rendition: Rendition, payloadType: number, packet: IncomingPacket, clockJumped: boolean): void {
    const segment = this.continuity.begin(rendition, payloadType, packet.frame, clockJumped);
    this.enter(rendition, segment, rendition.placement.index);
  }

  /** Is no longer fed, from before the next packet on. */
  leave(keepsHoles: boolean): void {
    this.continuity.end(keepsHoles);
    this.fanOut?.remove(this.row);
    if (this.rendition !== undefined) this.rendition.idleSinceUs = this.rendition.highestArrivalUs;
    this.rendition = undefined;
    this.fanOut = undefined;
  }

  /**
   * Is no longer fed, and begins with a key frame of `run` next. If that is a smaller encoding than before, the path has
   * become too narrow, and what still waits of the larger one would only hold the key frame back.
   */
  leaveFor(run: EncodingRun, gate: EgressGate): void {
    const present = this.rendition?.run;
    this.leave(false);
    const goesDown = present !== undefined && run.rank < present.rank;
    if (!goesDown || gate.queueDelayUs(this.transport) < MAX_DELAY_BEFORE_KEYFRAME_US) return;
    this.#takeBack(gate.abandon(this.transport, this.ssrc, this.rtx?.ssrc ?? this.ssrc));
  }

  /** A packet of the rendition that this slot left out, because it is of before the slot's start. */
  skipped(payloadBytes: number): void {
    this.continuity.skipped(payloadBytes);
  }

  timestampAt(nowUs: number): number | undefined {
    return this.continuity.timestampAt(nowUs);
  }

  handleNack(nowUs: number, packetId: number, bitmask: number, out: EgressPlan): void {
    this.#retransmitter.handleNack(nowUs, this, packetId, bitmask, out);
  }

  handleKeyframeRequest(nowUs: number): void {
    if (this.#target !== undefined) this.source?.requestKeyframe(nowUs, this);
  }

  /** The receiver lacks something that he will not get: he begins anew, before he finds out himself, which may take 3 s. */
  handleLoss(nowUs: number): void {
    if (nowUs - this.#renewedUs < RENEWAL_INTERVAL_US) return;
    this.#renewedUs = nowUs;
    this.source?.renew(nowUs, this);
  }

  handleReceiverReport(nowUs: number, fractionLost: number): void {
    this.fractionLost = fractionLost / 256;
    // A trunk's other end asks for what it lacks; repetitions made here would be in the way of that.
    if (this.kind === 'audio' && !this.isExact) this.#reviewRedundancy(nowUs);
  }

  setRedundancyRoom(nowUs: number, hasRoom: boolean): void {
    if (hasRoom === this.hasRedundancyRoom) return;
    this.hasRedundancyRoom = hasRoom;
    this.source?.retarget(nowUs, this);
  }

  /** Soon on, late off: a link that lost packets will lose more. */
  #reviewRedundancy(nowUs: number): void {
    const { fractionLost } = this;
    this.#quietReports = fractionLost < REDUNDANCY_OFF_LOSS ? this.#quietReports + 1 : 0;
    const wants = fractionLost > REDUNDANCY_ON_LOSS || (this.wantsRedundancy && this.#quietReports < QUIET_REPORTS);
    if (wants === this.wantsRedundancy) return;
    this.wantsRedundancy = wants;
    this.source?.retarget(nowUs, this);
  }

  /** Video of this slot was thrown away on its way out: what follows cannot be decoded before a key frame. */
  handlePacerDrop(nowUs: number, unused: UnusedNumbers): void {
    this.leave(false);
    this.#takeBack(unused);
    this.source?.reenter(nowUs, this);
  }

  #takeBack(unused: UnusedNumbers): void {
    // Without RTX a number may have left all the same, as a repetition.
    if (this.rtx !== undefined) this.continuity.takeBack(unused);
  }

  get rtxSsrc(): number | undefined {
    return this.rtx?.ssrc;
  }

  /** The larger the picture, the more its loss relieves. */
  get shedRank(): number {
    return this.rendition === undefined ? 0 : (this.waitsFor === undefined ? 1 : 2) + this.rendition.run.rank;
  }

  writePadding(nowUs: number, out: EgressPlan): number {
    const payloadType = this.codecs[0]?.rtxPayloadType;
    const { ids, isNumbered } = this.mapping;
    if (this.rtx === undefined || payloadType === undefined || !isNumbered) return 0;
    const timestamp = this.timestampAt(nowUs);
    if (timestamp === undefined) return 0;
    return writePadding(out, this.transport, this.rtx, payloadType, timestamp, ids.transportSequenceNumber);
  }

  segmentOf(index: number): Segment | undefined {
    return this.continuity.segmentOf(index);
  }
}

function isEqual(a: SlotTarget, b: SlotTarget): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return a.rid === b.rid && a.spatial === b.spatial && a.temporal === b.temporal;
}

/** Whether lost packets are sent again under their own numbers, so that no header of theirs may differ from time to time. */
export function repeatsUnderSameNumber({ nack, rtxSsrc, codecs }: NegotiatedSlot): boolean {
  return nack && (rtxSsrc === undefined || codecs.some(({ rtxPayloadType }) => rtxPayloadType === undefined));
}
