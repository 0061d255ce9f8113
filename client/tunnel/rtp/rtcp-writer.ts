/** Writes RTCP (RFC 3550 section 6, RFC 4585 section 6.3.1); each function gives one packet of a compound one. */
import { ByteWriter } from './byte-writer.ts';
import type { NtpTime } from './ntp-time.ts';
import type { ReportBlock } from './rtcp-reader.ts';

export interface SenderInfo {
  readonly ntp: NtpTime;
  /** RTP time of the same instant. */
  readonly timestamp: number;
  /** Sent so far, modulo 2^32. */
  readonly packets: number;
  /** Of payload. */
  readonly bytes: number;
}

export const MAX_REPORT_BLOCKS = 31;

export function writeSenderReport(ssrc: number, info: SenderInfo, blocks: readonly ReportBlock[]): Uint8Array {
  const writer = begin(200, blocks.length, 28 + 24 * blocks.length, ssrc);
  writer.uint32(info.ntp.high);
  writer.uint32(info.ntp.low);
  writer.uint32(info.timestamp);
  writer.uint32(info.packets);
  writer.uint32(info.bytes);
  for (const block of blocks) writeBlock(writer, block);
  return writer.take();
}

/** At most 31 blocks. */
export function writeReceiverReport(ssrc: number, blocks: readonly ReportBlock[]): Uint8Array {
  const writer = begin(201, blocks.length, 8 + 24 * blocks.length, ssrc);
  for (const block of blocks) writeBlock(writer, block);
  return writer.take();
}

/** CNAME alone (section 6.5.1), of at most 255 bytes. */
export function writeDescription(ssrc: number, cname: string): Uint8Array {
  const name = new TextEncoder().encode(cname).subarray(0, 255);
  // The list of items ends with at least one zero, at a multiple of four.
  const size = (8 + 2 + name.length + 1 + 3) & ~3;
  const writer = begin(202, 1, size, ssrc);
  writer.uint8(1);
  writer.uint8(name.length);
  writer.bytes(name);
  writer.uint8(0);
  writer.align();
  return writer.take();
}

/** Picture loss indication: asks for a key frame. */
export function writePictureLoss(senderSsrc: number, mediaSsrc: number): Uint8Array {
  const writer = begin(206, 1, 12, senderSsrc);
  writer.uint32(mediaSsrc);
  return writer.take();
}

/** One packet that holds several. */
export function compound(packets: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(packets.reduce((sum, { length }) => sum + length, 0));
  for (const packet of packets) writer.bytes(packet);
  return writer.take();
}

function begin(type: number, count: number, size: number, ssrc: number): ByteWriter {
  const writer = new ByteWriter(size);
  writer.uint8(0x80 | count);
  writer.uint8(type);
  writer.uint16(size / 4 - 1);
  writer.uint32(ssrc);
  return writer;
}

function writeBlock(writer: ByteWriter, block: ReportBlock): void {
  writer.uint32(block.ssrc);
  writer.uint8(block.fractionLost);
  writer.uint24(Math.max(-0x800000, Math.min(0x7fffff, block.cumulativeLost)) & 0xffffff);
  writer.uint32(block.highestSequence);
  writer.uint32(block.jitter);
  writer.uint32(block.lastReport);
  writer.uint32(block.delay);
}
