/** One stream that we send, as the transport's RTCP sees it. The meeting's slot implements it. */
import type { EgressPlan } from '../egress/egress-plan.ts';

export interface EgressStream {
  readonly ssrc: number;
  readonly clockRateHz: number;
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
}
