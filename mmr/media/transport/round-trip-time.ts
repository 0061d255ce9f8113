/** Round-trip time from reception reports about our sender reports (RFC 3550 section 6.4.1), smoothed. */
import { ntpMiddle } from './ntp-time.ts';

/** As TCP smooths it (RFC 6298 section 2). */
const GAIN = 1 / 8;
/** Longer ones are mistakes or lies. */
const MAX_ROUND_TRIP_MS = 30_000;
/** Rounding of the two clocks may make a round trip on a fast link come out a little below zero (2^-16 s). */
const ROUNDING_UNITS = -66;

export class RoundTripTime {
  /** Milliseconds; undefined before the first sample. */
  ms: number | undefined;

  /**
   * `lastSr` and `delaySinceLastSr` as in the report block; 0 in the first: the peer has seen no report of ours yet.
   */
  handleReport(nowUs: number, lastSr: number, delaySinceLastSr: number): void {
    if (lastSr === 0) return;
    const units = (ntpMiddle(nowUs) - lastSr - delaySinceLastSr) | 0;
    const sampleMs = (Math.max(0, units) * 1000) / 65536;
    if (units < ROUNDING_UNITS || sampleMs > MAX_ROUND_TRIP_MS) return;
    this.ms = this.ms === undefined ? sampleMs : this.ms + GAIN * (sampleMs - this.ms);
  }
}
