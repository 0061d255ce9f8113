/** Reads RTCP, compound or reduced-size (RFC 3550 section 6, RFC 4585, RFC 5506). */
import { viewOf } from './byte-writer.ts';
import type { NtpTime } from './ntp-time.ts';
import { readTransportFeedback, type TransportFeedback } from './transport-feedback.ts';

export interface ReportBlock {
  /** The stream that the block is about. */
  readonly ssrc: number;
  /** 0–255, in 1/256. */
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  /** With the count of cycles in the upper half. */
  readonly highestSequence: number;
  /** In units of the stream's clock. */
  readonly jitter: number;
  /** Middle 32 bits of the last sender report's time; 0: none yet. */
  readonly lastReport: number;
  /** Since that, in 1/65536 s. */
  readonly delay: number;
}

export type RtcpMessage =
  | { type: 'senderReport'; ssrc: number; ntp: NtpTime; timestamp: number; blocks: ReportBlock[] }
  | { type: 'receiverReport'; ssrc: number; blocks: ReportBlock[] }
  | { type: 'bye'; ssrcs: number[] }
  | { type: 'keyFrame'; ssrc: number }
  | { type: 'remb'; bitrateBps: number }
  | { type: 'transportFeedback'; feedback: TransportFeedback };

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const BYE = 203;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const PLI = 1;
const FIR = 4;
const TRANSPORT_WIDE = 15;
const APPLICATION = 15;
const REPORT_BLOCK_BYTES = 24;
const REMB_NAME = 0x52454d42;

/** What else there is in it is left out. Undefined when malformed: then none of it holds. */
export function readRtcp(bytes: Uint8Array): RtcpMessage[] | undefined {
  const messages: RtcpMessage[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length || view.getUint8(at) >>> 6 !== 2) return undefined;
    const end = at + 4 + 4 * view.getUint16(at + 2);
    if (end > bytes.length) return undefined;
    const padding = (view.getUint8(at) & 0x20) === 0 ? 0 : view.getUint8(end - 1);
    if (end - padding < at + 4) return undefined;
    const packet = bytes.subarray(at, end - padding);
    const read = readPacket(packet, viewOf(packet));
    if (read === undefined) return undefined;
    messages.push(...read);
    at = end;
  }
  return messages;
}

function readPacket(bytes: Uint8Array, view: DataView): RtcpMessage[] | undefined {
  const count = view.getUint8(0) & 0x1f;
  switch (view.getUint8(1)) {
    case SENDER_REPORT: {
      const blocks = readBlocks(view, 28, count);
      if (blocks === undefined) return undefined;
      const ntp = { high: view.getUint32(8), low: view.getUint32(12) };
      return [{ type: 'senderReport', ssrc: view.getUint32(4), ntp, timestamp: view.getUint32(16), blocks }];
    }
    case RECEIVER_REPORT: {
      const blocks = readBlocks(view, 8, count);
      return blocks && [{ type: 'receiverReport', ssrc: view.getUint32(4), blocks }];
    }
    case BYE:
      if (bytes.length < 4 + 4 * count) return undefined;
      return [{ type: 'bye', ssrcs: Array.from({ length: count }, (_, i) => view.getUint32(4 + 4 * i)) }];
    case TRANSPORT_FEEDBACK: {
      if (count !== TRANSPORT_WIDE) return [];
      const feedback = readTransportFeedback(bytes);
      return feedback && [{ type: 'transportFeedback', feedback }];
    }
    case PAYLOAD_FEEDBACK:
      return readPayloadFeedback(view, count);
    default:
      return [];
  }
}

function readBlocks(view: DataView, start: number, count: number): ReportBlock[] | undefined {
  if (start + count * REPORT_BLOCK_BYTES > view.byteLength) return undefined;
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * REPORT_BLOCK_BYTES;
    return {
      ssrc: view.getUint32(at),
      fractionLost: view.getUint8(at + 4),
      // 24 bits with a sign.
      cumulativeLost: (view.getInt32(at + 4) << 8) >> 8,
      highestSequence: view.getUint32(at + 8),
      jitter: view.getUint32(at + 12),
      lastReport: view.getUint32(at + 16),
      delay: view.getUint32(at + 20),
    };
  });
}

function readPayloadFeedback(view: DataView, format: number): RtcpMessage[] | undefined {
  if (view.byteLength < 12) return undefined;
  if (format === PLI) return [{ type: 'keyFrame', ssrc: view.getUint32(8) }];
  if (format === FIR) {
    const messages: RtcpMessage[] = [];
    for (let at = 12; at + 8 <= view.byteLength; at += 8) messages.push({ type: 'keyFrame', ssrc: view.getUint32(at) });
    return messages;
  }
  if (format === APPLICATION && view.byteLength >= 20 && view.getUint32(12) === REMB_NAME) {
    // draft-alvestrand-rmcat-remb-03 section 2.2: 6 bits of exponent, 18 of mantissa.
    const value = view.getUint32(16) & 0xffffff;
    return [{ type: 'remb', bitrateBps: (value & 0x3ffff) * 2 ** (value >>> 18) }];
  }
  return [];
}
