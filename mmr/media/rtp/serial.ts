/** Serial number arithmetic of RTP: numbers that wrap, their signed distance (RFC 1982), and widening at the door. */

/** Signed distance from sequence number `b` to `a`: −32768..32767, positive when `a` is newer. Inputs mod 2^16. */
export function sequenceDelta(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** Signed distance from RTP timestamp `b` to `a`: −2^31..2^31−1, positive when `a` is later. Inputs mod 2^32. */
export function timestampDelta(a: number, b: number): number {
  return (a - b) | 0;
}

/**
 * Widens 16-bit numbers to plain ones that never wrap: the number nearest to the highest seen so far. The first value
 * stands for itself (cycle 0), so one that was overtaken by it at the very start may come out negative.
 */
export class Widener {
  /** The highest widened number so far; −1 before the first. */
  highest = -1;
  #started = false;

  /** `value` in 0..65535. */
  widen(value: number): number {
    if (!this.#started) {
      this.#started = true;
      this.highest = value;
      return value;
    }
    const wide = this.highest + sequenceDelta(value, this.highest);
    if (wide > this.highest) this.highest = wide;
    return wide;
  }
}
