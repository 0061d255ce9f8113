/** What the transport remembers beside an egress stream, for its RTCP. */
import type { EgressStream } from './egress-stream.ts';

export class EgressEntry {
  readonly ssrc: number;
  readonly stream: EgressStream;
  /** `packetsSent` at the last sender report: without a new packet there is none (RFC 3550 section 6.4). */
  reportedPackets = 0;
  /** Command sequence number of the last FIR, −1 before the first. */
  lastFirSequence = -1;

  constructor(stream: EgressStream) {
    this.ssrc = stream.ssrc;
    this.stream = stream;
  }

  get hasSentSinceReport(): boolean {
    return this.stream.packetsSent !== this.reportedPackets;
  }
}
