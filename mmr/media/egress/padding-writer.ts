/**
 * Packets of nothing but padding (RFC 3550 section 5.1), sent on an RTX stream: what a bandwidth probe consists of where
 * there is not enough media. libwebrtc sends the same (RtpSender, GeneratePadding).
 */
import { writeUint16 } from '../rtp/bytes.ts';
import { ONE_BYTE_PROFILE, TWO_BYTE_PROFILE } from '../rtp/header-extensions.ts';
import { PACKET_OVERHEAD_BYTES } from './egress-gate.ts';
import { EGRESS_WORDS, type EgressPlan } from './egress-plan.ts';
import type { RtxStream } from './rtx-stream.ts';

/** The count stands in one byte. */
const PADDING_BYTES = 255;
/** A block header and one element of two bytes, padded. */
const BLOCK_BYTES = 8;
const RTP_HEADER_BYTES = 12;
const MAX_ONE_BYTE_ID = 14;
/** V = 2, P, X. */
const FIRST_WORD = 0xb0000000;

/**
 * Appends one record of padding with an empty place for a transport-wide number (`extensionId` 1–255) and returns what
 * it costs the path in bytes. Precondition: MAX_PADDING_BYTES and a record of `out` are free.
 */
export function writePadding(
  out: EgressPlan,
  transport: number,
  rtx: RtxStream,
  payloadType: number,
  timestamp: number,
  extensionId: number,
): number {
  const { side } = out;
  const at = out.reserveSide(BLOCK_BYTES + PADDING_BYTES);
  const isOneByte = extensionId <= MAX_ONE_BYTE_ID;
  writeUint16(side, at, isOneByte ? ONE_BYTE_PROFILE : TWO_BYTE_PROFILE);
  writeUint16(side, at + 2, 1);
  side.fill(0, at + 4, at + BLOCK_BYTES + PADDING_BYTES);
  if (isOneByte) {
    side[at + 4] = (extensionId << 4) | 1;
  } else {
    side[at + 4] = extensionId;
    side[at + 5] = 2;
  }
  side[at + BLOCK_BYTES + PADDING_BYTES - 1] = PADDING_BYTES;
  const index = rtx.takeIndex();
  const firstWord = FIRST_WORD | (payloadType << 16) | (index & 0xffff);
  const record = out.count * EGRESS_WORDS;
  out.rtp(transport, 0, 0, 0, 0, firstWord, timestamp, rtx.ssrc, index / 65536, at, BLOCK_BYTES, PADDING_BYTES);
  out.words[record] = (out.words[record] as number) | ((isOneByte ? 5 : 6) << 8);
  return RTP_HEADER_BYTES + BLOCK_BYTES + PADDING_BYTES + PACKET_OVERHEAD_BYTES;
}
