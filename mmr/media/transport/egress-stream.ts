/** One stream that we send, as the transport's RTCP and its gate see it. The meeting's slot implements it. */
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { UnusedNumbers } from '../egress/unused-numbers.ts';

export interface EgressStream {
  readonly ssrc: number;
  /** SSRC of the RTX stream beside it; undefined when not negotiated. */
  readonly rtxSsrc: number | undefined;
  readonly clockRateHz: number;
  /** Which stream the pacer gives up first when its queue is full: larger first. */
  readonly shedRank: number;
  /** RTP packets sent since the stream began (RFC 3550 section 6.4.1), retransmissions not counted. */
  readonly packetsSent: number;
  /** Payload bytes of those packets, without headers and padding. */
  readonly payloadBytesSent: number;
  /** RTP timestamp (32 bits) that corresponds to `nowUs`; undefined before the first packet. */
  timestampAt(nowUs: number): number | undefined;
  /**
   * The receiver misses `packetId` and the packets packetId + 1 + n of which bit n of `bitmask` is set (RFC 4585
   * 6.2.1).
   */
  handleNack(nowUs: number, packetId: number, bitmask: number, out: EgressPlan): void;
  /** The receiver asked for a key frame by PLI or by a FIR that is not a repetition. */
  handleKeyframeRequest(nowUs: number): void;
  /**
   * Reception report about this stream: `fractionLost` in 1/256 of the last interval, `cumulativeLost` in packets
   * (may be negative), `jitter` in clock units (RFC 3550 section 6.4.1).
   */
  handleReceiverReport(nowUs: number, fractionLost: number, cumulativeLost: number, jitter: number): void;
  /** The pacer dropped packets of it, `unused` being the last of their numbers: the receiver can go on at a key frame only. */
  handlePacerDrop(nowUs: number, unused: UnusedNumbers): void;
  /** Appends one record of padding on the RTX stream (`egress/padding-writer.ts`); 0 when it cannot, else its size. */
  writePadding(nowUs: number, out: EgressPlan): number;
}
