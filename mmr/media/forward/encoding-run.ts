/**
 * A stretch of an encoding in which the publisher's numbers go on without a break: the same SSRC, codec and numbering.
 * Numbers of packets can be compared within one run only.
 */
import type { IngressStream } from '../ingress/ingress-stream.ts';
import type { ExtensionIds, NegotiatedCodec } from '../negotiated.ts';

/** Units of `clock` per second: the NTP short format of RFC 3550 section 4. */
export const CLOCK_UNITS_PER_SECOND = 65_536;

export class EncodingRun {
  readonly stream: IngressStream;
  readonly codec: NegotiatedCodec;
  /** The publisher's. */
  readonly extensions: ExtensionIds;
  /** Equal for runs whose sender reports are of the same wall clock: the publisher's, or the other end's of a trunk. */
  readonly publisher: string;
  /** Place of the encoding among those of its source, 0 for the lowest. */
  rank = 0;
  /** VP8: ids of pictures that a rendition leaves out must not be missing. */
  readonly compactsPictures: boolean;

  /** It comes over a trunk, whose packets of audio name the publisher's stream as their CSRC. */
  readonly isRelayed: boolean;

  constructor(
    stream: IngressStream,
    codec: NegotiatedCodec,
    extensions: ExtensionIds,
    publisher: string,
    isRelayed = false,
  ) {
    this.isRelayed = isRelayed;
    this.stream = stream;
    this.codec = codec;
    this.extensions = extensions;
    this.publisher = publisher;
    this.compactsPictures = codec.name === 'VP8';
  }

  /**
   * The publisher's wall clock at RTP `timestamp`, by his last sender report: CLOCK_UNITS_PER_SECOND, modulo 2^32.
   * NaN before the first report.
   */
  clock(timestamp: number): number {
    const { lastSenderReport, senderReportTimestamp, clockRateHz } = this.stream;
    if (lastSenderReport === 0) return Number.NaN;
    const ticks = (timestamp - senderReportTimestamp) | 0;
    return lastSenderReport + Math.round((ticks * CLOCK_UNITS_PER_SECOND) / clockRateHz);
  }
}
