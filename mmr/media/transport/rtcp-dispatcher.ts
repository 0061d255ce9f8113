/**
 * What the peer's RTCP means for us: sender reports and BYE go to the streams it sends, reports and requests to the
 * streams it receives. A message about an SSRC that is not its own to speak of is ignored and counted. See
 * docs/rtcp.md.
 */

import type { EgressPlan } from '../egress/egress-plan.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import { type RtcpVisitor, readRtcp } from '../rtp/rtcp/rtcp-reader.ts';
import type { EgressEntry } from './egress-entry.ts';
import type { RoundTripTime } from './round-trip-time.ts';
import type { SsrcTable } from './ssrc-table.ts';

/** A REMB beyond this says "no limit"; kept as this so that no sum overflows. */
const MAX_REMB_BPS = 1e9;

export class RtcpDispatcher implements RtcpVisitor {
  /** Reports, requests and BYEs about SSRCs that are not on this transport. */
  foreign = 0;
  /** Repetitions of a FIR (RFC 5104 section 4.3.1.2). */
  repeatedFirs = 0;
  /** Receiver's estimate of what it can take; undefined before the first REMB. */
  rembBps: number | undefined;
  readonly #ingress: SsrcTable<IngressStream>;
  readonly #egress: SsrcTable<EgressEntry>;
  readonly #roundTripTime: RoundTripTime;
  /** Of the packet being read. */
  #nowUs = 0;
  #out: EgressPlan | undefined;

  constructor(ingress: SsrcTable<IngressStream>, egress: SsrcTable<EgressEntry>, roundTripTime: RoundTripTime) {
    this.#ingress = ingress;
    this.#egress = egress;
    this.#roundTripTime = roundTripTime;
  }

  /** One plain packet, compound or reduced-size. False when malformed: then it had no effect at all. */
  handle(nowUs: number, bytes: Uint8Array, offset: number, size: number, out: EgressPlan): boolean {
    this.#nowUs = nowUs;
    this.#out = out;
    return readRtcp(bytes, offset, size, this);
  }

  senderReport(ssrc: number, ntpHigh: number, ntpLow: number, rtpTimestamp: number): void {
    const stream = this.#ingress.get(ssrc);
    if (stream === undefined) this.foreign++;
    else stream.handleSenderReport(this.#nowUs, ntpHigh, ntpLow, rtpTimestamp);
  }

  reportBlock(
    _reporterSsrc: number,
    ssrc: number,
    fractionLost: number,
    cumulativeLost: number,
    _highestSequence: number,
    jitter: number,
    lastSr: number,
    delaySinceLastSr: number,
  ): void {
    const entry = this.#egress.get(ssrc);
    if (entry === undefined) {
      this.foreign++;
      return;
    }
    this.#roundTripTime.handleReport(this.#nowUs, lastSr, delaySinceLastSr);
    entry.stream.handleReceiverReport(this.#nowUs, fractionLost, cumulativeLost, jitter);
  }

  bye(ssrc: number): void {
    const stream = this.#ingress.get(ssrc);
    if (stream === undefined) this.foreign++;
    else stream.handleBye();
  }

  nack(_senderSsrc: number, mediaSsrc: number, packetId: number, bitmask: number): void {
    const entry = this.#egress.get(mediaSsrc);
    if (entry === undefined || this.#out === undefined) this.foreign++;
    else entry.stream.handleNack(this.#nowUs, packetId, bitmask, this.#out);
  }

  pictureLossIndication(mediaSsrc: number): void {
    const entry = this.#egress.get(mediaSsrc);
    if (entry === undefined) this.foreign++;
    else entry.stream.handleKeyframeRequest(this.#nowUs);
  }

  fullIntraRequest(ssrc: number, commandSequence: number): void {
    const entry = this.#egress.get(ssrc);
    if (entry === undefined) {
      this.foreign++;
    } else if (entry.lastFirSequence === commandSequence) {
      this.repeatedFirs++;
    } else {
      entry.lastFirSequence = commandSequence;
      entry.stream.handleKeyframeRequest(this.#nowUs);
    }
  }

  remb(bitrateBps: number): void {
    this.rembBps = Math.min(bitrateBps, MAX_REMB_BPS);
  }

  /** Congestion control does not read it yet: nothing is learned from what we send. */
  transportFeedback(): void {}
}
