/** Ties the RTP time of a stream to the router's clock, by its sender reports (RFC 3550 section 6.4.1). */
import { fromNtp, type NtpTime } from '../rtp/ntp-time.ts';

export class MediaClock {
  readonly #clockRateHz: number;
  /** Router's time minus media time. */
  #offsetMs: number | undefined;

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz;
  }

  /** @param time RTP time on a line without end */
  toMs(time: number): number {
    return (time / this.#clockRateHz) * 1000;
  }

  /** @param time of the report's RTP timestamp, on the same line as those of packets */
  handleSenderReport(ntp: NtpTime, time: number): void {
    this.#offsetMs = fromNtp(ntp) - this.toMs(time);
  }

  /** What is to be added to the media time of this stream to get that of another one; undefined before both had a report. */
  distanceTo(other: MediaClock): number | undefined {
    return this.#offsetMs === undefined || other.#offsetMs === undefined ? undefined : this.#offsetMs - other.#offsetMs;
  }
}
