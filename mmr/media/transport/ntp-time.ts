/**
 * NTP timestamps of our sender reports (RFC 3550 section 4). They count from the engine's monotonic clock: receivers
 * need one clock common to all our streams, not the time of day (section 4 allows any such clock), and it never steps.
 */

/** Seconds part, 32 bits. */
export function ntpHigh(nowUs: number): number {
  return Math.floor(nowUs / 1e6) >>> 0;
}

/** Fraction part in 2^-32 s, 32 bits. */
export function ntpLow(nowUs: number): number {
  return Math.floor(((nowUs % 1e6) / 1e6) * 2 ** 32) >>> 0;
}

/** Middle 32 bits: time modulo 2^16 s in 2^-16 s, the unit of LSR and DLSR (RFC 3550 section 6.4.1). */
export function ntpMiddle(nowUs: number): number {
  return ((ntpHigh(nowUs) << 16) | (ntpLow(nowUs) >>> 16)) >>> 0;
}

/** A duration in 2^-16 s, clamped to 0..2^32−1. */
export function toNtpUnits(durationUs: number): number {
  return Math.max(0, Math.min(0xffffffff, Math.floor((durationUs * 65536) / 1e6)));
}
