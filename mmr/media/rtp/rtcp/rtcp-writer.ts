/**
 * Writes compound RTCP packets (RFC 3550 section 6.1): the sender and receiver reports, SDES, BYE and the feedback
 * that a router sends to its participants. Transport-wide feedback is in `transport-feedback-writer.ts`.
 */
import { readUint16, readUint32, writeUint16, writeUint24, writeUint32 } from '../bytes.ts';
import {
  FEEDBACK_HEADER_BYTES,
  PayloadFormat,
  REPORT_BLOCK_BYTES,
  REPORT_HEADER_BYTES,
  RtcpType,
  SENDER_INFO_BYTES,
  TransportFormat,
} from './rtcp-types.ts';
import { type TransportFeedback, writeTransportFeedback } from './transport-feedback-writer.ts';

/** SDES item type CNAME (RFC 3550 section 6.5.1). */
const SDES_CNAME = 1;
const MAX_REPORT_BLOCKS = 31;
const MAX_CNAME_BYTES = 255;

/** UTF-8, cut at the 255 bytes that an SDES item can hold. */
export function encodeCname(cname: string): Uint8Array {
  return new TextEncoder().encode(cname).slice(0, MAX_CNAME_BYTES);
}

/** Size of the packet that `sdes` writes: header, SSRC, item type and length, text, one to four zero bytes as its end. */
export function sdesBytes(cname: Uint8Array): number {
  return (4 + 4 + 2 + cname.length + 4) & ~3;
}

/**
 * Use: `begin`, any of the packets in the order of RFC 3550 section 6.1 (report first, then SDES), `end`. The caller
 * has reserved room. Allocates nothing.
 */
export class RtcpWriter {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #at = 0;
  /** Start of the packet that `addReportBlock` and `nack` extend. */
  #packet = 0;

  begin(bytes: Uint8Array, offset: number): void {
    this.#bytes = bytes;
    this.#start = offset;
    this.#at = offset;
    this.#packet = offset;
  }

  /** Bytes written since `begin`, a multiple of 4. */
  end(): number {
    return this.#at - this.#start;
  }

  /** RFC 3550 section 6.4.1; report blocks follow by `addReportBlock`. NTP time as two 32-bit words. */
  senderReport(
    ssrc: number,
    ntpHigh: number,
    ntpLow: number,
    rtpTimestamp: number,
    packetCount: number,
    octetCount: number,
  ): void {
    const at = this.#open(0, RtcpType.senderReport, REPORT_HEADER_BYTES + SENDER_INFO_BYTES);
    const bytes = this.#bytes;
    writeUint32(bytes, at + 4, ssrc);
    writeUint32(bytes, at + 8, ntpHigh);
    writeUint32(bytes, at + 12, ntpLow);
    writeUint32(bytes, at + 16, rtpTimestamp);
    writeUint32(bytes, at + 20, packetCount);
    writeUint32(bytes, at + 24, octetCount);
  }

  /** RFC 3550 section 6.4.2, at first without blocks. */
  receiverReport(ssrc: number): void {
    const at = this.#open(0, RtcpType.receiverReport, REPORT_HEADER_BYTES);
    writeUint32(this.#bytes, at + 4, ssrc);
  }

  /**
   * Adds a block to the report just written; a thirty-second one starts another receiver report of the same SSRC
   * (section 6.1). `fractionLost` 0..255, `cumulativeLost` is clamped to its 24 bits (section 6.4.1).
   * Precondition: the latest packet is a report.
   */
  addReportBlock(
    ssrc: number,
    fractionLost: number,
    cumulativeLost: number,
    highestSequence: number,
    jitter: number,
    lastSr: number,
    delaySinceLastSr: number,
  ): void {
    const bytes = this.#bytes;
    if (((bytes[this.#packet] as number) & 0x1f) === MAX_REPORT_BLOCKS) {
      this.receiverReport(readUint32(bytes, this.#packet + 4));
    }
    const at = this.#extend(REPORT_BLOCK_BYTES);
    bytes[this.#packet] = (bytes[this.#packet] as number) + 1;
    writeUint32(bytes, at, ssrc);
    bytes[at + 4] = fractionLost;
    writeUint24(bytes, at + 5, Math.max(-0x800000, Math.min(0x7fffff, cumulativeLost)));
    writeUint32(bytes, at + 8, highestSequence);
    writeUint32(bytes, at + 12, jitter);
    writeUint32(bytes, at + 16, lastSr);
    writeUint32(bytes, at + 20, delaySinceLastSr);
  }

  /** One chunk with a CNAME as `encodeCname` gives it (section 6.5.1). */
  sdes(ssrc: number, cname: Uint8Array): void {
    const size = sdesBytes(cname);
    const at = this.#open(1, RtcpType.sourceDescription, size);
    const bytes = this.#bytes;
    writeUint32(bytes, at + 4, ssrc);
    bytes[at + 8] = SDES_CNAME;
    bytes[at + 9] = cname.length;
    bytes.set(cname, at + 10);
    bytes.fill(0, at + 10 + cname.length, at + size);
  }

  /** One source leaves (section 6.6). */
  bye(ssrc: number): void {
    const at = this.#open(1, RtcpType.bye, 8);
    writeUint32(this.#bytes, at + 4, ssrc);
  }

  /** RFC 4585 section 6.3.1. */
  pictureLossIndication(senderSsrc: number, mediaSsrc: number): void {
    this.#feedback(PayloadFormat.pictureLossIndication, RtcpType.payloadFeedback, senderSsrc, mediaSsrc, 0);
  }

  /** RFC 5104 section 4.3.1: the media SSRC field stays 0, the target stands in the FCI entry. */
  fullIntraRequest(senderSsrc: number, mediaSsrc: number, commandSequence: number): void {
    const fci = this.#feedback(PayloadFormat.fullIntraRequest, RtcpType.payloadFeedback, senderSsrc, 0, 8);
    writeUint32(this.#bytes, fci, mediaSsrc);
    this.#bytes[fci + 4] = commandSequence;
    writeUint24(this.#bytes, fci + 5, 0);
  }

  /** RFC 4585 section 6.2.1; a further entry for the same pair of SSRCs joins the packet before it. */
  nack(senderSsrc: number, mediaSsrc: number, packetId: number, bitmask: number): void {
    const at = this.#isNackOf(senderSsrc, mediaSsrc)
      ? this.#extend(4)
      : this.#feedback(TransportFormat.nack, RtcpType.transportFeedback, senderSsrc, mediaSsrc, 4);
    writeUint16(this.#bytes, at, packetId);
    writeUint16(this.#bytes, at + 2, bitmask);
  }

  /** One transport-wide feedback packet of at most `limitBytes`; see `writeTransportFeedback`. Its size in bytes. */
  transportFeedback(limitBytes: number, feedback: TransportFeedback): number {
    const size = writeTransportFeedback(this.#bytes, this.#at, limitBytes, feedback);
    this.#packet = this.#at;
    this.#at += size;
    return size;
  }

  #feedback(format: number, type: number, senderSsrc: number, mediaSsrc: number, fciSize: number): number {
    const at = this.#open(format, type, FEEDBACK_HEADER_BYTES + fciSize);
    writeUint32(this.#bytes, at + 4, senderSsrc);
    writeUint32(this.#bytes, at + 8, mediaSsrc);
    return at + FEEDBACK_HEADER_BYTES;
  }

  #isNackOf(senderSsrc: number, mediaSsrc: number): boolean {
    const bytes = this.#bytes;
    const at = this.#packet;
    return (
      this.#at > at &&
      bytes[at] === (0x80 | TransportFormat.nack) &&
      bytes[at + 1] === RtcpType.transportFeedback &&
      readUint32(bytes, at + 4) === senderSsrc >>> 0 &&
      readUint32(bytes, at + 8) === mediaSsrc >>> 0
    );
  }

  /** Starts a packet of `size` bytes (a multiple of 4) and returns its offset. */
  #open(count: number, type: number, size: number): number {
    const at = this.#at;
    this.#packet = at;
    this.#at = at + size;
    this.#bytes[at] = 0x80 | count;
    this.#bytes[at + 1] = type;
    writeUint16(this.#bytes, at + 2, size / 4 - 1);
    return at;
  }

  /** Lengthens the latest packet by `size` bytes and returns where they start. */
  #extend(size: number): number {
    const at = this.#at;
    this.#at = at + size;
    writeUint16(this.#bytes, this.#packet + 2, readUint16(this.#bytes, this.#packet + 2) + size / 4);
    return at;
  }
}
