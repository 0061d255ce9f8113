/** What receiver reports need of the sender reports that came (RFC 3550 section 6.4.1). */
interface Heard {
  readonly middle: number;
  readonly atUs: number;
}

export class SenderReports {
  readonly #heard = new Map<number, Heard>();

  handle(nowUs: number, ssrc: number, ntpHigh: number, ntpLow: number): void {
    this.#heard.set(ssrc, { middle: (((ntpHigh & 0xffff) << 16) | (ntpLow >>> 16)) >>> 0, atUs: nowUs });
  }

  /** Middle 32 bits of the latest report's NTP time; 0: none came. */
  lastSr(ssrc: number): number {
    return this.#heard.get(ssrc)?.middle ?? 0;
  }

  /** In 1/65536 s. */
  delaySinceLastSr(nowUs: number, ssrc: number): number {
    const heard = this.#heard.get(ssrc);
    return heard === undefined ? 0 : Math.round(((nowUs - heard.atUs) * 65536) / 1e6);
  }
}
