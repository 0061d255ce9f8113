/** One round of reports (RFC 3550 section 6.1): what we sent, what arrived, and under which name we speak. */
import type { RtpStream } from '../send/rtp-stream.ts';
import type { ReportBlock } from './rtcp-reader.ts';
import {
  compound,
  MAX_REPORT_BLOCKS,
  writeDescription,
  writeReceiverReport,
  writeSenderReport,
} from './rtcp-writer.ts';

/**
 * A compound packet for each stream that has sent since its last report; the first carries the blocks. Without one, a receiver report.
 *
 * @param epochMs Unix time of the zero of `nowMs`.
 */
export function writeReports(
  nowMs: number,
  epochMs: number,
  streams: readonly RtpStream[],
  blocks: readonly ReportBlock[],
  cname: string,
): Uint8Array[] {
  const packets: Uint8Array[] = [];
  const rest = [...blocks];
  for (const stream of streams) {
    const info = stream.takeReport(nowMs, epochMs);
    if (info === undefined) continue;
    const report = writeSenderReport(stream.ssrc, info, rest.splice(0, MAX_REPORT_BLOCKS));
    packets.push(compound([report, writeDescription(stream.ssrc, cname)]));
  }
  const ssrc = streams[0]?.ssrc ?? 1;
  while (packets.length === 0 || rest.length > 0) {
    const report = writeReceiverReport(ssrc, rest.splice(0, MAX_REPORT_BLOCKS));
    packets.push(compound([report, writeDescription(ssrc, cname)]));
  }
  return packets;
}
