/** Time to the router and back, by what its reports say of ours (RFC 3550 section 6.4.1). */
import { middleOf, toNtp } from './ntp-time.ts';
import type { ReportBlock } from './rtcp-reader.ts';

const SMOOTHING = 1 / 8;
/** A larger one is a fault: of a clock, or of the report. */
const MOST_MS = 30_000;

export class RoundTrip {
  /** Smoothed; undefined before the first report that tells it. */
  ms: number | undefined;

  /** @param unixMs On the clock of our sender reports. */
  handleBlock(unixMs: number, { lastReport, delay }: ReportBlock): void {
    if (lastReport === 0) return;
    const units = (middleOf(toNtp(unixMs)) - lastReport - delay) % 2 ** 32;
    const sampleMs = (units / 65_536) * 1000;
    if (sampleMs < 0 || sampleMs > MOST_MS) return;
    this.ms = this.ms === undefined ? sampleMs : this.ms + (sampleMs - this.ms) * SMOOTHING;
  }
}
