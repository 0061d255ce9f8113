/** What the transport remembers beside an egress stream, for its RTCP. */
import type { EgressStream } from './egress-stream.ts';
import type { SendControl } from './send-control.ts';

export class EgressEntry {
  readonly ssrc: number;
  readonly stream: EgressStream;
  /** `packetsSent` at the last sender report: without a new packet there is none (RFC 3550 section 6.4). */
  reportedPackets = 0;
  /** Command sequence number of the last FIR, −1 before the first. */
  lastFirSequence = -1;
  /** Of the peer's last reception report; −1 before the first. */
  #highestSequence = -1;
  #cumulativeLost = 0;

  constructor(stream: EgressStream) {
    this.ssrc = stream.ssrc;
    this.stream = stream;
  }

  /** Tells `control` what a reception report (RFC 3550 section 6.4.1) adds to the one before. */
  addReception(control: SendControl, cumulativeLost: number, highestSequence: number): void {
    const expected = (highestSequence - this.#highestSequence) | 0;
    if (this.#highestSequence >= 0) control.addReception(cumulativeLost - this.#cumulativeLost, expected);
    this.#highestSequence = highestSequence;
    this.#cumulativeLost = cumulativeLost;
  }

  get hasSentSinceReport(): boolean {
    return this.stream.packetsSent !== this.reportedPackets;
  }
}
