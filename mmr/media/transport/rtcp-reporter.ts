/**
 * Writes the RTCP that a transport sends: sender and receiver reports with SDES, key-frame requests, and transport-wide
 * feedback. When each is due, rtcp-schedule.ts says. See docs/rtcp.md.
 */
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import { MAX_MISSING, type NackGenerator } from '../ingress/nack-generator.ts';
import { TWCC_WINDOW, type TwccRecorder } from '../ingress/twcc-recorder.ts';
import { encodeCname, RtcpWriter, sdesBytes } from '../rtp/rtcp/rtcp-writer.ts';
import { TransportFeedback } from '../rtp/rtcp/transport-feedback-writer.ts';
import type { EgressEntry } from './egress-entry.ts';
import { ntpHigh, ntpLow, toNtpUnits } from './ntp-time.ts';
import type { SsrcTable } from './ssrc-table.ts';

/** Plain bytes of one RTCP packet: with SRTCP (at most 20 more), UDP and IPv6 it stays within a path MTU of 1280. */
export const MAX_RTCP_BYTES = 1180;
/** RTCP needs a sender even where we send no media; libwebrtc uses the same number for receive-only ends. */
const RECEIVE_ONLY_SSRC = 1;
const SENDER_REPORT_BYTES = 28;
const RECEIVER_REPORT_BYTES = 8;
const REPORT_BLOCK_BYTES = 24;
const PICTURE_LOSS_INDICATION_BYTES = 12;
const MIN_FEEDBACK_ROOM = 64;
/** Header and SSRCs of a NACK and one entry. */
const NACK_BYTES = 16;

/** Scratch, used only within one call. */
const writer = new RtcpWriter();
const arrivalsUs = new Float64Array(TWCC_WINDOW);
const missing = new Uint16Array(MAX_MISSING);

export class RtcpReporter {
  /** Packets not written because the egress plan had no room. */
  skipped = 0;
  readonly #handle: number;
  readonly #cname: Uint8Array;
  readonly #sdesBytes: number;
  readonly #reducedSize: boolean;
  readonly #feedback = new TransportFeedback();
  readonly #egress: SsrcTable<EgressEntry>;
  readonly #fixedSsrc: number | undefined;

  /**
   * `cname` counts up to its 255th byte; `reducedSize` when RFC 5506 was negotiated; `fixedSsrc`: each packet begins with a report
   * of this one, which sends no media.
   */
  constructor(handle: number, cname: string, reducedSize: boolean, egress: SsrcTable<EgressEntry>, fixedSsrc?: number) {
    this.#fixedSsrc = fixedSsrc;
    this.#handle = handle;
    this.#cname = encodeCname(cname);
    this.#sdesBytes = sdesBytes(this.#cname);
    this.#reducedSize = reducedSize;
    this.#egress = egress;
    this.#feedback.arrivalsUs = arrivalsUs;
  }

  /**
   * One round of reports: an SR for each egress stream that has sent since its last one, a report block for each
   * ingress stream that has received, an SDES CNAME for each SSRC that speaks (RFC 3550 section 6.1, RFC 8108 section
   * 5.3). As many packets as it takes.
   */
  writeReports(nowUs: number, ingress: Iterable<IngressStream>, out: EgressPlan): void {
    if (!this.#begin(out)) return;
    const first = this.#fixedSsrc === undefined ? this.#firstSender(nowUs) : undefined;
    if (first === undefined) writer.receiverReport(this.#localSsrc());
    else this.#senderReport(nowUs, first);
    if (!this.#writeReportBlocks(nowUs, first?.ssrc ?? this.#localSsrc(), ingress, out)) return;
    for (const entry of this.#egress.values()) {
      if (!isDue(nowUs, entry)) continue;
      if (!this.#fits(SENDER_REPORT_BYTES + this.#sdesBytes)) {
        if (!this.#next(out)) return;
        if (this.#fixedSsrc !== undefined) writer.receiverReport(this.#fixedSsrc);
      }
      this.#senderReport(nowUs, entry);
      writer.sdes(entry.ssrc, this.#cname);
    }
    this.#finish(out);
  }

  /** A picture loss indication for one ingress stream (RFC 4585 section 6.3.1). */
  writeKeyframeRequest(mediaSsrc: number, out: EgressPlan): void {
    if (!this.#begin(out)) return;
    const senderSsrc = this.#localSsrc();
    this.#feedbackHead(senderSsrc);
    if (this.#fits(PICTURE_LOSS_INDICATION_BYTES)) writer.pictureLossIndication(senderSsrc, mediaSsrc);
    this.#finish(out);
  }

  /** A generic NACK (RFC 4585 section 6.2.1) for what is due of one ingress stream. */
  writeNacks(
    nowUs: number,
    mediaSsrc: number,
    nack: NackGenerator,
    roundTripMs: number | undefined,
    out: EgressPlan,
  ): void {
    const count = nack.take(nowUs, roundTripMs, missing);
    if (count === 0 || !this.#begin(out)) return;
    const senderSsrc = this.#localSsrc();
    this.#feedbackHead(senderSsrc);
    for (let i = 0; i < count; ) {
      if (!this.#fits(NACK_BYTES)) {
        if (!this.#next(out)) return;
        this.#feedbackHead(senderSsrc);
      }
      const packetId = missing[i++] as number;
      let bitmask = 0;
      for (; i < count; i++) {
        const bit = (((missing[i] as number) - packetId) & 0xffff) - 1;
        if (bit >= 16) break;
        bitmask |= 1 << bit;
      }
      writer.nack(senderSsrc, mediaSsrc, packetId, bitmask);
    }
    this.#finish(out);
  }

  /**
   * Feedback about all that the recorder holds. `mediaSsrc` is one of the publisher's streams: libwebrtc ignores
   * feedback under any other.
   */
  writeTransportFeedback(recorder: TwccRecorder, mediaSsrc: number, out: EgressPlan): void {
    const feedback = this.#feedback;
    feedback.senderSsrc = this.#localSsrc();
    feedback.mediaSsrc = mediaSsrc;
    feedback.first = 0;
    feedback.count = recorder.take(arrivalsUs);
    feedback.baseSequence = recorder.base;
    while (feedback.count > 0 && this.#begin(out)) {
      this.#feedbackHead(feedback.senderSsrc);
      const written = writer.transportFeedback(Math.max(MIN_FEEDBACK_ROOM, MAX_RTCP_BYTES - writer.end()), feedback);
      this.#finish(out);
      if (written === 0) return;
    }
  }

  /** A compound packet starts with a report and an SDES (RFC 3550 section 6.1); a reduced-size one does without. */
  #feedbackHead(senderSsrc: number): void {
    if (this.#reducedSize) return;
    writer.receiverReport(senderSsrc);
    writer.sdes(senderSsrc, this.#cname);
  }

  /** Blocks after the report of `reporter` just written, then its SDES. False when the plan has no more room. */
  #writeReportBlocks(nowUs: number, reporter: number, ingress: Iterable<IngressStream>, out: EgressPlan): boolean {
    for (const stream of ingress) {
      if (stream.ended || !stream.statistics.receivedSinceReport) continue;
      if (!this.#fits(REPORT_BLOCK_BYTES + RECEIVER_REPORT_BYTES + this.#sdesBytes)) {
        writer.sdes(reporter, this.#cname);
        if (!this.#next(out)) return false;
        writer.receiverReport(reporter);
      }
      addReportBlock(nowUs, stream);
    }
    writer.sdes(reporter, this.#cname);
    return true;
  }

  #firstSender(nowUs: number): EgressEntry | undefined {
    for (const entry of this.#egress.values()) {
      if (isDue(nowUs, entry)) return entry;
    }
    return undefined;
  }

  #senderReport(nowUs: number, entry: EgressEntry): void {
    const { stream } = entry;
    entry.reportedPackets = stream.packetsSent;
    const timestamp = stream.timestampAt(nowUs) ?? 0;
    const { ssrc, packetsSent, payloadBytesSent } = stream;
    writer.senderReport(ssrc, ntpHigh(nowUs), ntpLow(nowUs), timestamp, packetsSent >>> 0, payloadBytesSent >>> 0);
  }

  #localSsrc(): number {
    if (this.#fixedSsrc !== undefined) return this.#fixedSsrc;
    for (const entry of this.#egress.values()) return entry.ssrc;
    return RECEIVE_ONLY_SSRC;
  }

  #begin(out: EgressPlan): boolean {
    if (!out.hasRoom(1, MAX_RTCP_BYTES)) {
      this.skipped++;
      return false;
    }
    writer.begin(out.side, out.sideSize);
    return true;
  }

  #fits(sizeBytes: number): boolean {
    return writer.end() + sizeBytes <= MAX_RTCP_BYTES;
  }

  #finish(out: EgressPlan): void {
    const size = writer.end();
    if (size > 0) out.rtcp(this.#handle, out.reserveSide(size), size);
  }

  #next(out: EgressPlan): boolean {
    this.#finish(out);
    return this.#begin(out);
  }
}

/** Whether a sender report is due; no longer once it is written. */
function isDue(nowUs: number, entry: EgressEntry): boolean {
  return entry.hasSentSinceReport && entry.stream.timestampAt(nowUs) !== undefined;
}

function addReportBlock(nowUs: number, stream: IngressStream): void {
  const { statistics, lastSenderReport } = stream;
  writer.addReportBlock(
    stream.ssrc,
    statistics.takeFractionLost(),
    statistics.cumulativeLost,
    statistics.extendedHighest,
    Math.min(0xffffffff, Math.floor(statistics.jitter)),
    lastSenderReport,
    lastSenderReport === 0 ? 0 : toNtpUnits(nowUs - stream.senderReportArrivalUs),
  );
}
