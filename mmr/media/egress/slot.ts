/**
 * One m-line on which a subscriber receives: a single continuous RTP stream, whatever source feeds it. Here is what
 * changes with the source; what happens per packet is in `forward/fan-out.ts`. docs/slots.md tells it by scenarios.
 */
import type { FanOut } from '../forward/fan-out.ts';
import type { IncomingPacket } from '../forward/incoming-packet.ts';
import type { Source } from '../forward/source.ts';
import type { MediaKind, NegotiatedCodec, NegotiatedSlot } from '../negotiated.ts';
import type { EgressStream } from '../transport/egress-stream.ts';
import type { EgressPlan } from './egress-plan.ts';
import type { HeaderMapping } from './header-mapping.ts';
import type { Retransmitter } from './retransmitter.ts';
import { Segment } from './segment.ts';

/** Stretches that a receiver may still ask packets of: the present one and three before. */
const SEGMENTS = 4;

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
  /** Where the slot is in its source's fan-out; set by them. */
  fanOut: FanOut | undefined;
  row = -1;
  /** The source assigned by the meeting; it is attached to it while the participant is connected. */
  source: Source | undefined;
  /** From the receiver's last report, 0–1. */
  fractionLost = 0;
  readonly #retransmitter: Retransmitter;
  readonly #segments: Segment[] = Array.from({ length: SEGMENTS }, () => new Segment());
  #segment = 0;
  /** The source that feeds the present segment; undefined between segments. */
  #feeding: Source | undefined;
  /** Of the last packet of the last finished segment. */
  #lastIndex: number;
  #lastTimestamp: number;
  /** Undefined before the first packet. */
  #lastArrivalUs: number | undefined;
  #packetsSent = 0;
  #payloadBytesSent = 0;

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
    this.#retransmitter = retransmitter;
    // Random start values (RFC 3550 section 5.1), drawn from the SSRC, which is random. The sequence number starts in the
    // lower half of its range: a receiver who misses the first packets cannot mistake the roll-over counter then.
    this.#lastIndex = (this.ssrc & 0x7fff) - 1;
    this.#lastTimestamp = Math.imul(this.ssrc, 0x9e3779b1) >>> 0;
  }

  get packetsSent(): number {
    const feeding = this.#feeding;
    return this.#packetsSent + (feeding === undefined ? 0 : feeding.packetsSent - this.#current.packetsBefore);
  }

  get payloadBytesSent(): number {
    const feeding = this.#feeding;
    return (
      this.#payloadBytesSent + (feeding === undefined ? 0 : feeding.payloadBytesSent - this.#current.payloadBytesBefore)
    );
  }

  /** Highest widened sequence number sent so far, or one less than the first. */
  get highestIndex(): number {
    const feeding = this.#feeding;
    return feeding === undefined ? this.#lastIndex : feeding.highestIndex + this.#current.indexOffset;
  }

  /** Whether the receiver negotiated one of `codecs`. */
  accepts(codecs: readonly NegotiatedCodec[]): boolean {
    return codecs.some((codec) => this.codecs.some((own) => own.key === codec.key));
  }

  /**
   * The slot goes on with `source` from `packet` on: sequence numbers without a gap, timestamps by the time that has
   * passed. Undefined, and nothing changed, when the receiver has no payload type for the source's codec.
   */
  begin(packet: IncomingPacket, source: Source): Segment | undefined {
    const payloadType = this.codecs.find((codec) => codec.key === source.codec?.key)?.payloadType;
    if (payloadType === undefined) return undefined;
    this.#segment = (this.#segment + 1) % SEGMENTS;
    const segment = this.#current;
    const index = this.#lastIndex + 1;
    segment.history = source.history;
    segment.extensions = source.extensions;
    segment.payloadType = payloadType;
    segment.indexOffset = index - packet.index;
    segment.timestampOffset = (this.#timestampFor(packet.arrivalUs) - packet.header.timestamp) | 0;
    segment.firstIndex = index;
    segment.lastIndex = Number.POSITIVE_INFINITY;
    segment.packetsBefore = source.packetsSent;
    segment.payloadBytesBefore = source.payloadBytesSent;
    this.#feeding = source;
    return segment;
  }

  /** `source`, before it takes a further packet, no longer feeds the slot. Nothing happens when it did not. */
  end(source: Source): void {
    if (this.#feeding !== source) return;
    const segment = this.#current;
    this.#packetsSent = this.packetsSent;
    this.#payloadBytesSent = this.payloadBytesSent;
    this.#lastIndex = this.highestIndex;
    this.#lastTimestamp = (source.highestTimestamp + segment.timestampOffset) >>> 0;
    this.#lastArrivalUs = source.highestArrivalUs;
    segment.lastIndex = this.#lastIndex;
    this.#feeding = undefined;
  }

  /** A packet of the source that this slot left out, because it is of before the slot's start. */
  skipped(payloadBytes: number): void {
    this.#current.packetsBefore++;
    this.#current.payloadBytesBefore += payloadBytes;
  }

  timestampAt(nowUs: number): number | undefined {
    const feeding = this.#feeding;
    if (feeding === undefined) {
      return this.#lastArrivalUs === undefined
        ? undefined
        : (this.#lastTimestamp + this.#ticks(nowUs - this.#lastArrivalUs)) >>> 0;
    }
    const elapsed = this.#ticks(nowUs - feeding.highestArrivalUs);
    return (feeding.highestTimestamp + this.#current.timestampOffset + elapsed) >>> 0;
  }

  handleNack(nowUs: number, packetId: number, bitmask: number, out: EgressPlan): void {
    this.#retransmitter.handleNack(nowUs, this, packetId, bitmask, out);
  }

  handleKeyframeRequest(nowUs: number): void {
    this.source?.requestKeyframe(nowUs);
  }

  handleReceiverReport(_nowUs: number, fractionLost: number): void {
    this.fractionLost = fractionLost / 256;
  }

  /** The segment in which the widened number `index` was sent; undefined when it was not, or too long ago. */
  segmentOf(index: number): Segment | undefined {
    if (index > this.highestIndex) return undefined;
    for (const segment of this.#segments) {
      if (segment.firstIndex >= 0 && index >= segment.firstIndex && index <= segment.lastIndex) return segment;
    }
    return undefined;
  }

  get #current(): Segment {
    return this.#segments[this.#segment] as Segment; // #segment is a remainder of its length
  }

  /** At least one tick later than the last packet. */
  #timestampFor(arrivalUs: number): number {
    if (this.#lastArrivalUs === undefined) return this.#lastTimestamp;
    return this.#lastTimestamp + Math.max(1, this.#ticks(arrivalUs - this.#lastArrivalUs));
  }

  #ticks(elapsedUs: number): number {
    return Math.round((elapsedUs * this.clockRateHz) / 1e6);
  }
}
