/**
 * Reads a plain compound RTCP packet (RFC 3550 section 6.1) or a reduced-size one (RFC 5506) and reports its content
 * to a visitor. The whole datagram is checked first: a malformed one reports nothing, so no state changes half-way.
 */
import { inBounds, readUint16, readUint24, readUint32 } from '../bytes.ts';
import {
  FEEDBACK_HEADER_BYTES,
  PayloadFormat,
  REMB_IDENTIFIER,
  REPORT_BLOCK_BYTES,
  REPORT_HEADER_BYTES,
  RtcpType,
  SENDER_INFO_BYTES,
  TransportFormat,
} from './rtcp-types.ts';

/** What a compound packet may report, in the order in which it stands there. All numbers are unsigned unless said. */
export interface RtcpVisitor {
  /** NTP time as two 32-bit words; `rtpTimestamp` in the stream's clock. */
  senderReport(
    ssrc: number,
    ntpHigh: number,
    ntpLow: number,
    rtpTimestamp: number,
    packetCount: number,
    octetCount: number,
  ): void;
  /**
   * `fractionLost` in 1/256 (0..255); `cumulativeLost` signed, −2^23..2^23−1; `highestSequence` cycles << 16 | number;
   * `jitter` in timestamp units; `lastSr` middle 32 bits of the NTP time; `delaySinceLastSr` in 1/65536 s.
   */
  reportBlock(
    reporterSsrc: number,
    ssrc: number,
    fractionLost: number,
    cumulativeLost: number,
    highestSequence: number,
    jitter: number,
    lastSr: number,
    delaySinceLastSr: number,
  ): void;
  bye(ssrc: number): void;
  /** One FCI entry: `packetId` and, for each bit i of `bitmask`, `packetId + i + 1` (RFC 4585 section 6.2.1). */
  nack(senderSsrc: number, mediaSsrc: number, packetId: number, bitmask: number): void;
  pictureLossIndication(mediaSsrc: number): void;
  /** One FCI entry; `commandSequence` 0..255 tells a repetition from a new request (RFC 5104 section 4.3.1). */
  fullIntraRequest(ssrc: number, commandSequence: number): void;
  /** Bits per second, up to 2^81: the caller caps. */
  remb(bitrateBps: number): void;
  /** A whole transport-wide feedback packet without its padding, from its first byte; its inside is not checked. */
  transportFeedback(offset: number, size: number): void;
}

/**
 * Reads the `size` bytes at `offset`. False when malformed; then nothing was reported. Packet types and formats that
 * are not consumed (SDES, APP, XR, others) are skipped once their length holds. Work is linear in `size`.
 */
export function readRtcp(bytes: Uint8Array, offset: number, size: number, visitor: RtcpVisitor): boolean {
  if (size < 4 || !inBounds(bytes, offset, size)) return false;
  const end = offset + size;
  for (let at = offset; at < end; ) {
    const packetSize = checkPacket(bytes, at, end);
    if (packetSize === 0) return false;
    at += packetSize;
  }
  for (let at = offset; at < end; ) {
    const packetSize = 4 * (readUint16(bytes, at + 2) + 1);
    visitPacket(bytes, at, packetSize - paddingSize(bytes, at, packetSize), visitor);
    at += packetSize;
  }
  return true;
}

/** Size in bytes of the packet at `at`, padding included; 0 when it is malformed. */
function checkPacket(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end || (bytes[at] as number) >>> 6 !== 2) return 0;
  const packetSize = 4 * (readUint16(bytes, at + 2) + 1);
  if (at + packetSize > end) return 0;
  const padding = paddingSize(bytes, at, packetSize);
  if (padding < 0 || 4 + padding > packetSize) return 0;
  return contentFits(bytes, at, packetSize - padding) ? packetSize : 0;
}

/**
 * Bytes of padding; −1 when the P bit is set and the count is 0. Any packet of the compound may be padded, by any
 * number of bytes: libwebrtc pads its transport-wide feedback by 1..3, against RFC 3550 section 6.4.1.
 */
function paddingSize(bytes: Uint8Array, at: number, packetSize: number): number {
  if (((bytes[at] as number) & 0x20) === 0) return 0;
  const padding = bytes[at + packetSize - 1] as number;
  return padding === 0 ? -1 : padding;
}

/** Whether the counts in a packet of `size` bytes (padding taken off) agree with that size. */
function contentFits(bytes: Uint8Array, at: number, size: number): boolean {
  const count = (bytes[at] as number) & 0x1f;
  switch (bytes[at + 1]) {
    case RtcpType.senderReport:
      return size >= REPORT_HEADER_BYTES + SENDER_INFO_BYTES + REPORT_BLOCK_BYTES * count;
    case RtcpType.receiverReport:
      return size >= REPORT_HEADER_BYTES + REPORT_BLOCK_BYTES * count;
    case RtcpType.bye:
      return size >= 4 + 4 * count;
    case RtcpType.transportFeedback:
      return transportFeedbackFits(count, size);
    case RtcpType.payloadFeedback:
      return payloadFeedbackFits(bytes, at, count, size);
    default:
      return true;
  }
}

function transportFeedbackFits(format: number, size: number): boolean {
  if (size < FEEDBACK_HEADER_BYTES) return false;
  if (format === TransportFormat.nack) return size > FEEDBACK_HEADER_BYTES && size % 4 === 0;
  // Base number, count, reference time and feedback count, then at least one chunk.
  if (format === TransportFormat.transportWide) return size >= FEEDBACK_HEADER_BYTES + 8 + 2;
  return true;
}

function payloadFeedbackFits(bytes: Uint8Array, at: number, format: number, size: number): boolean {
  if (size < FEEDBACK_HEADER_BYTES) return false;
  const fciSize = size - FEEDBACK_HEADER_BYTES;
  if (format === PayloadFormat.fullIntraRequest) return fciSize >= 8 && fciSize % 8 === 0;
  if (format === PayloadFormat.application && isRemb(bytes, at, size)) {
    return fciSize >= 8 + 4 * (bytes[at + FEEDBACK_HEADER_BYTES + 4] as number);
  }
  return true;
}

function isRemb(bytes: Uint8Array, at: number, size: number): boolean {
  return size >= FEEDBACK_HEADER_BYTES + 8 && readUint32(bytes, at + FEEDBACK_HEADER_BYTES) === REMB_IDENTIFIER;
}

/** Reports one packet of `size` bytes (padding taken off) that `checkPacket` has accepted. */
function visitPacket(bytes: Uint8Array, at: number, size: number, visitor: RtcpVisitor): void {
  const count = (bytes[at] as number) & 0x1f;
  switch (bytes[at + 1]) {
    case RtcpType.senderReport:
      visitSenderInfo(bytes, at, visitor);
      visitReportBlocks(bytes, at, REPORT_HEADER_BYTES + SENDER_INFO_BYTES, count, visitor);
      break;
    case RtcpType.receiverReport:
      visitReportBlocks(bytes, at, REPORT_HEADER_BYTES, count, visitor);
      break;
    case RtcpType.bye:
      for (let i = 0; i < count; i++) visitor.bye(readUint32(bytes, at + 4 + 4 * i));
      break;
    case RtcpType.transportFeedback:
      visitTransportFeedback(bytes, at, count, size, visitor);
      break;
    case RtcpType.payloadFeedback:
      visitPayloadFeedback(bytes, at, count, size, visitor);
      break;
  }
}

function visitSenderInfo(bytes: Uint8Array, at: number, visitor: RtcpVisitor): void {
  visitor.senderReport(
    readUint32(bytes, at + 4),
    readUint32(bytes, at + 8),
    readUint32(bytes, at + 12),
    readUint32(bytes, at + 16),
    readUint32(bytes, at + 20),
    readUint32(bytes, at + 24),
  );
}

function visitReportBlocks(bytes: Uint8Array, at: number, start: number, count: number, visitor: RtcpVisitor): void {
  const reporter = readUint32(bytes, at + 4);
  for (let i = 0; i < count; i++) {
    const block = at + start + REPORT_BLOCK_BYTES * i;
    visitor.reportBlock(
      reporter,
      readUint32(bytes, block),
      bytes[block + 4] as number,
      (readUint24(bytes, block + 5) << 8) >> 8,
      readUint32(bytes, block + 8),
      readUint32(bytes, block + 12),
      readUint32(bytes, block + 16),
      readUint32(bytes, block + 20),
    );
  }
}

function visitTransportFeedback(
  bytes: Uint8Array,
  at: number,
  format: number,
  size: number,
  visitor: RtcpVisitor,
): void {
  if (format === TransportFormat.transportWide) visitor.transportFeedback(at, size);
  if (format !== TransportFormat.nack) return;
  const sender = readUint32(bytes, at + 4);
  const media = readUint32(bytes, at + 8);
  for (let item = at + FEEDBACK_HEADER_BYTES; item < at + size; item += 4) {
    visitor.nack(sender, media, readUint16(bytes, item), readUint16(bytes, item + 2));
  }
}

function visitPayloadFeedback(bytes: Uint8Array, at: number, format: number, size: number, visitor: RtcpVisitor): void {
  const fci = at + FEEDBACK_HEADER_BYTES;
  if (format === PayloadFormat.pictureLossIndication) {
    visitor.pictureLossIndication(readUint32(bytes, at + 8));
  } else if (format === PayloadFormat.fullIntraRequest) {
    for (let item = fci; item < at + size; item += 8) {
      visitor.fullIntraRequest(readUint32(bytes, item), bytes[item + 4] as number);
    }
  } else if (format === PayloadFormat.application && isRemb(bytes, at, size)) {
    // Exponent 6 bits, mantissa 18 bits (draft-alvestrand-rmcat-remb-03 section 2.2).
    const word = readUint24(bytes, fci + 5);
    visitor.remb((word & 0x3ffff) * 2 ** (word >>> 18));
  }
}
