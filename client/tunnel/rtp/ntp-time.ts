/** NTP timestamps as RTCP has them (RFC 3550 section 4): seconds since 1900 in 32 bits, and 32 bits of a second. */

export interface NtpTime {
  readonly high: number;
  readonly low: number;
}

/** Between 1900 and 1970. */
const UNIX_EPOCH_S = 2_208_988_800;

/** @param unixMs for example `performance.timeOrigin + performance.now()` */
export function toNtp(unixMs: number): NtpTime {
  const seconds = Math.floor(unixMs / 1000);
  const low = Math.floor(((unixMs - seconds * 1000) / 1000) * 2 ** 32);
  return { high: (seconds + UNIX_EPOCH_S) % 2 ** 32, low };
}

/** Milliseconds since 1970, if it is before 2036. */
export function fromNtp({ high, low }: NtpTime): number {
  return (high - UNIX_EPOCH_S) * 1000 + (low / 2 ** 32) * 1000;
}

/** The middle 32 bits, in 1/65536 s: LSR of a report block. */
export function middleOf({ high, low }: NtpTime): number {
  return (((high & 0xffff) << 16) | (low >>> 16)) >>> 0;
}
