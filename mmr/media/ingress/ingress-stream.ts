/** One stream that a publisher sends us: its limits, its statistics and its key-frame requests. */
import type { NegotiatedCodec, NegotiatedSource, SourceKind } from '../negotiated.ts';
import { KeyframeRequest } from './keyframe-request.ts';
import { ReceiveStatistics } from './receive-statistics.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * Ingress limits per stream: several times what a browser sends, so that only a flood meets them. A second of packets
 * may come at once (a key frame of a screen share does), half a second of bytes.
 */
export const VIDEO_LIMITS = { bitrateBps: 20e6, packetsPerSecond: 5000 } as const;
export const AUDIO_LIMITS = { bitrateBps: 1e6, packetsPerSecond: 1000 } as const;

/** Told when a key-frame request of one of its streams comes due. The transport implements it. */
export interface Waker {
  schedule(atUs: number): void;
}

export class IngressStream {
  readonly ssrc: number;
  readonly mid: string;
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
  readonly #codecs: readonly NegotiatedCodec[];
  /** Codec number + 1 by payload type; 0 where none was negotiated. */
  readonly #codecByPayloadType = new Uint8Array(128);
  readonly #byteBudget: TokenBucket;
  readonly #packetBudget: TokenBucket;

  /** `source` has at least one codec with a payload type of 0–127. */
  constructor(ssrc: number, source: NegotiatedSource) {
    this.ssrc = ssrc;
    this.mid = source.mid;
    this.kind = source.kind;
    this.#codecs = source.codecs;
    source.codecs.forEach((codec, i) => {
      this.#codecByPayloadType[codec.payloadType & 0x7f] = i + 1;
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

  /** The codec negotiated under `payloadType` (0–127); undefined when there is none. Allocates nothing. */
  codec(payloadType: number): NegotiatedCodec | undefined {
    return this.#codecs[(this.#codecByPayloadType[payloadType] as number) - 1];
  }

  /**
   * One packet in, after SRTP held. `index` is the widened sequence number (roll-over counter × 65536 + sequence
   * number), `timestamp` has 32 bits, `sizeBytes` counts from the RTP header. False when the publisher exceeds its
   * limits: the packet is to be dropped and counts as lost in reports, so that he slows down.
   */
  receive(arrivalUs: number, index: number, timestamp: number, sizeBytes: number): boolean {
    if (!this.#packetBudget.take(arrivalUs, 1) || !this.#byteBudget.take(arrivalUs, sizeBytes)) {
      this.policed++;
      return false;
    }
    this.bytes += sizeBytes;
    this.ended = false;
    this.statistics.update(arrivalUs, index, timestamp);
    return true;
  }

  /** A key frame began to arrive. */
  handleKeyframe(): void {
    this.keyframes++;
    this.keyframeRequest.satisfied();
  }

  /** Somebody needs a key frame. At most one PLI a second goes to the publisher; `Transport.handleTimeout` sends it. */
  requestKeyframe(nowUs: number): void {
    if (this.kind === 'microphone') return;
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
  }
}
