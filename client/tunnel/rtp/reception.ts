/** What a report block says of one received stream (RFC 3550 sections 6.4.1 and A.8). */

import { middleOf, type NtpTime } from './ntp-time.ts';
import { NumberLine } from './number-line.ts';
import type { ReportBlock } from './rtcp-reader.ts';

export class Reception {
  packets = 0;
  bytes = 0;
  readonly #ssrc: number;
  readonly #clockRateHz: number;
  readonly #sequences = new NumberLine(16);
  readonly #times = new NumberLine(32);
  #first: number | undefined;
  #highest = 0;
  #transit: number | undefined;
  #jitter = 0;
  #expectedBefore = 0;
  #packetsBefore = 0;
  #report: { readonly middle: number; readonly atMs: number } | undefined;

  constructor(ssrc: number, clockRateHz: number) {
    this.#ssrc = ssrc;
    this.#clockRateHz = clockRateHz;
  }

  get jitterMs(): number {
    return (this.#jitter / this.#clockRateHz) * 1000;
  }

  /** Packets that are missing so far. */
  get lost(): number {
    return Math.max(0, this.#expected - this.packets);
  }

  /** Returns the sequence number and timestamp on lines without end. */
  handlePacket(
    nowMs: number,
    sequenceNumber: number,
    timestamp: number,
    bytes: number,
  ): { sequence: number; time: number } {
    const sequence = this.#sequences.place(sequenceNumber);
    const time = this.#times.place(timestamp);
    this.#first ??= sequence;
    this.#highest = Math.max(this.#highest, sequence);
    this.packets++;
    this.bytes += bytes;
    const transit = (nowMs / 1000) * this.#clockRateHz - time;
    if (this.#transit !== undefined) this.#jitter += (Math.abs(transit - this.#transit) - this.#jitter) / 16;
    this.#transit = transit;
    return { sequence, time };
  }

  /** Returns the report's RTP time on the same line as those of packets. */
  handleSenderReport(nowMs: number, ntp: NtpTime, timestamp: number): number {
    this.#report = { middle: middleOf(ntp), atMs: nowMs };
    return this.#times.place(timestamp);
  }

  /** For the time since the last one; undefined while nothing has come. */
  takeBlock(nowMs: number): ReportBlock | undefined {
    if (this.#first === undefined) return undefined;
    const expected = this.#expected - this.#expectedBefore;
    const lost = expected - (this.packets - this.#packetsBefore);
    this.#expectedBefore = this.#expected;
    this.#packetsBefore = this.packets;
    return {
      ssrc: this.#ssrc,
      fractionLost: expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected)),
      cumulativeLost: this.#expected - this.packets,
      highestSequence: (this.#highest - 0x10000) % 2 ** 32,
      jitter: Math.round(this.#jitter),
      lastReport: this.#report?.middle ?? 0,
      delay: this.#report === undefined ? 0 : Math.round(((nowMs - this.#report.atMs) / 1000) * 65_536),
    };
  }

  get #expected(): number {
    return this.#first === undefined ? 0 : this.#highest - this.#first + 1;
  }
}
