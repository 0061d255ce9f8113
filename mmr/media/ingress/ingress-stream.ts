/** One stream that a publisher sends us: its limits, its statistics, its NACKs and its key-frame requests. */
import type { Source } from '../forward/source.ts';
import type { NegotiatedCodec, NegotiatedSource, SourceKind } from '../negotiated.ts';
import { TokenBucket } from '../token-bucket.ts';
import { KeyframeRequest } from './keyframe-request.ts';
import { NackGenerator } from './nack-generator.ts';
import { ReceiveStatistics } from './receive-statistics.ts';

/**
 * Ingress limits per stream: several times what a browser sends, so that only a flood meets them. A second of packets
 * may come at once (a key frame of a screen share does), half a second of bytes.
 */
export const VIDEO_LIMITS = { bitrateBps: 20e6, packetsPerSecond: 5000 } as const;
export const AUDIO_LIMITS = { bitrateBps: 1e6, packetsPerSecond: 1000 } as const;

/** Told when a NACK or a key-frame request of one of its streams comes due. The transport implements it. */
export interface Waker {
  schedule(atUs: number): void;
}

export class IngressStream {
  readonly ssrc: number;
  readonly mid: string;
  /** Simulcast: which encoding of its source it is; '' without. Of an RTX stream: of the one it repairs. */
  readonly rid: string;
  /** RTX (RFC 4588): the stream whose packets are sent again here. Undefined for a stream of media. */
  readonly repairs: IngressStream | undefined;
  /** What to ask again for; undefined for RTX, and for audio, which browsers do not keep for that. */
  readonly nack: NackGenerator | undefined;
  readonly kind: SourceKind;
  readonly clockRateHz: number;
  readonly statistics: ReceiveStatistics;
  readonly keyframeRequest = new KeyframeRequest();
  /** Key frames received, as the packet path recognised them. */
  keyframes = 0;
  /** Packets refused because the publisher exceeds its limits. */
  policed = 0;
  bytes = 0;
  /** The publisher said BYE; the next packet takes it back. */
  ended = false;
  /** Middle 32 bits of the NTP timestamp of the publisher's last sender report, 0 before the first. */
  lastSenderReport = 0;
  /** RTP timestamp in that report, and when it arrived. */
  senderReportTimestamp = 0;
  senderReportArrivalUs = 0;
  waker: Waker | undefined;
  /** Of a trunk's streams: the source that it feeds. */
  source: Source | undefined;
  readonly #codecs: readonly NegotiatedCodec[];
  /** Codec number + 1 by payload type; 0 where none was negotiated. */
  readonly #codecByPayloadType = new Uint8Array(128);
  readonly #byteBudget: TokenBucket;
  readonly #packetBudget: TokenBucket;

  /**
   * `source` has at least one codec with a payload type of 0–127. With `repairs` it is an RTX stream, else one of media.
   */
  constructor(ssrc: number, source: NegotiatedSource, rid = '', repairs?: IngressStream) {
    this.ssrc = ssrc;
    this.mid = source.mid;
    this.rid = rid;
    this.repairs = repairs;
    this.kind = source.kind;
    const usesRtx = source.codecs.some(({ rtxPayloadType }) => rtxPayloadType !== undefined);
    const isRepaired = repairs === undefined && (source.kind !== 'microphone' || source.isRelayed === true);
    this.nack = isRepaired ? new NackGenerator(usesRtx) : undefined;
    this.#codecs = source.codecs;
    source.codecs.forEach((codec, i) => {
      const { payloadType, redPayloadType, rtxPayloadType } = codec;
      for (const used of repairs === undefined ? [payloadType, redPayloadType] : [rtxPayloadType]) {
        if (used !== undefined) this.#codecByPayloadType[used & 0x7f] = i + 1;
      }
    });
    this.clockRateHz = source.codecs[0]?.clockRateHz ?? (source.kind === 'microphone' ? 48_000 : 90_000);
    this.statistics = new ReceiveStatistics(this.clockRateHz);
    const limits = source.kind === 'microphone' ? AUDIO_LIMITS : VIDEO_LIMITS;
    this.#byteBudget = new TokenBucket(limits.bitrateBps / 8, limits.bitrateBps / 16);
    this.#packetBudget = new TokenBucket(limits.packetsPerSecond, limits.packetsPerSecond);
  }

  get packets(): number {
    return this.statistics.packets;
  }
  get lost(): number {
    return this.statistics.cumulativeLost;
  }
  get jitterMs(): number {
    return this.statistics.jitterMs;
  }

  /**
   * The codec that packets under `payloadType` (0–127) carry, as they are, within RED, or sent again; undefined when it
   * was not negotiated for this stream. Allocates nothing.
   */
  codec(payloadType: number): NegotiatedCodec | undefined {
    return this.#codecs[(this.#codecByPayloadType[payloadType] as number) - 1];
  }

  /** Whether packets under `payloadType` are redundant audio (RFC 2198) around what `codec` says. Allocates nothing. */
  isRed(payloadType: number): boolean {
    return this.codec(payloadType)?.redPayloadType === payloadType;
  }

  /**
   * One packet in, after SRTP held. `index` is the widened sequence number (roll-over counter × 65536 + sequence
   * number), `timestamp` has 32 bits, `sizeBytes` counts from the RTP header. False when the publisher exceeds its
   * limits: the packet is to be dropped and counts as lost in reports, so that he slows down.
   */
  receive(arrivalUs: number, index: number, timestamp: number, sizeBytes: number): boolean {
    const { nack } = this;
    // Before the limits: what is refused is not asked for again.
    if (nack !== undefined && !nack.receive(arrivalUs, index)) this.#handleMissing(arrivalUs, nack);
    if (!this.#packetBudget.take(arrivalUs, 1) || !this.#byteBudget.take(arrivalUs, sizeBytes)) {
      this.policed++;
      return false;
    }
    this.bytes += sizeBytes;
    this.ended = false;
    this.statistics.update(arrivalUs, index, timestamp);
    return true;
  }

  /** A packet of this stream came by RTX (`restoreOriginal`). */
  handleRepair(nowUs: number, index: number): void {
    const { nack } = this;
    if (nack !== undefined && !nack.handleRepair(nowUs, index)) this.#handleMissing(nowUs, nack);
  }

  /** A key frame began to arrive; `index` is the widened number of its first packet. */
  handleKeyframe(index: number = this.statistics.highestIndex): void {
    this.keyframes++;
    this.keyframeRequest.satisfied();
    this.nack?.handleKeyframe(index);
  }

  /** Somebody needs a key frame. At most one PLI a second goes to the publisher; `Transport.handleTimeout` sends it. */
  requestKeyframe(nowUs: number): void {
    if (this.kind === 'microphone' || this.repairs !== undefined) return;
    this.keyframeRequest.request();
    this.waker?.schedule(Math.max(nowUs, this.keyframeRequest.dueUs));
  }

  /** The publisher's sender report (RFC 3550 section 6.4.1); what RR needs of it is kept. */
  handleSenderReport(arrivalUs: number, ntpHigh: number, ntpLow: number, rtpTimestamp: number): void {
    this.lastSenderReport = ((ntpHigh << 16) | (ntpLow >>> 16)) >>> 0;
    this.senderReportTimestamp = rtpTimestamp;
    this.senderReportArrivalUs = arrivalUs;
  }

  /** BYE: no more reports about this stream until it sends again (RFC 3550 section 6.6). */
  handleBye(): void {
    this.ended = true;
    this.keyframeRequest.satisfied();
    this.nack?.clear();
  }
  #handleMissing(nowUs: number, nack: NackGenerator): void {
    if (nack.takeOverflow()) this.requestKeyframe(nowUs);
    if (nack.dueUs < Number.POSITIVE_INFINITY) this.waker?.schedule(Math.max(nowUs, nack.dueUs));
  }
}
