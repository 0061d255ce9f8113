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
import type { SendControl } from './send-control.ts';
import type { SsrcTable } from './ssrc-table.ts';

/** A REMB beyond this says "no limit"; kept as this so that no sum overflows. */
const MAX_REMB_BPS = 1e9;

export class RtcpDispatcher implements RtcpVisitor {
  /** Reports, requests and BYEs about SSRCs that are not on this transport. */
  foreign = 0;
  /** Key frames that the receiver asked for, because he could not go on. */
  keyframesAsked = 0;
  /** Repetitions of a FIR (RFC 5104 section 4.3.1.2). */
  repeatedFirs = 0;
  /** Receiver's estimate of what it can take; undefined before the first REMB. */
  rembBps: number | undefined;
  readonly #ingress: SsrcTable<IngressStream>;
  readonly #egress: SsrcTable<EgressEntry>;
  readonly #roundTripTime: RoundTripTime;
  /** Congestion control of what we send; undefined as long as there is none. */
  control: SendControl | undefined;
  /** Of the packet being read. */
  #nowUs = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #out: EgressPlan | undefined;

  constructor(ingress: SsrcTable<IngressStream>, egress: SsrcTable<EgressEntry>, roundTripTime: RoundTripTime) {
    this.#ingress = ingress;
    this.#egress = egress;
    this.#roundTripTime = roundTripTime;
  }

  /** One plain packet, compound or reduced-size. False when malformed: then it had no effect at all. */
  handle(nowUs: number, bytes: Uint8Array, offset: number, size: number, out: EgressPlan): boolean {
    this.#nowUs = nowUs;
    this.#bytes = bytes;
    this.#out = out;
    if (!readRtcp(bytes, offset, size, this)) return false;
    this.control?.finishRtcp(nowUs, this.#roundTripTime.ms);
    return true;
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
    highestSequence: number,
    jitter: number,
    lastSr: number,
    delaySinceLastSr: number,
  ): void {
    const entry = this.#egress.get(ssrc);
    if (entry === undefined) {
      if (!this.#isRtx(ssrc)) this.foreign++;
      return;
    }
    this.#roundTripTime.handleReport(this.#nowUs, lastSr, delaySinceLastSr);
    if (this.control !== undefined) entry.addReception(this.control, cumulativeLost, highestSequence);
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
    else this.#askKeyframe(entry);
  }

  fullIntraRequest(ssrc: number, commandSequence: number): void {
    const entry = this.#egress.get(ssrc);
    if (entry === undefined) {
      this.foreign++;
    } else if (entry.lastFirSequence === commandSequence) {
      this.repeatedFirs++;
    } else {
      entry.lastFirSequence = commandSequence;
      this.#askKeyframe(entry);
    }
  }

  #askKeyframe(entry: EgressEntry): void {
    this.keyframesAsked++;
    entry.stream.handleKeyframeRequest(this.#nowUs);
  }

  remb(bitrateBps: number): void {
    this.rembBps = Math.min(bitrateBps, MAX_REMB_BPS);
    this.control?.handleRemb(this.#nowUs, this.rembBps);
  }

  transportFeedback(offset: number, size: number): void {
    this.control?.handleTransportFeedback(this.#nowUs, this.#bytes, offset, size);
  }

  /** Reports about an RTX stream are its owner's to send, and tell nothing that is used. */
  #isRtx(ssrc: number): boolean {
    for (const { stream } of this.#egress.values()) if (stream.rtxSsrc === ssrc) return true;
    return false;
  }
}
