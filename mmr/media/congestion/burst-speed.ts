/**
 * How fast the path delivers packets that left together: the speed of its narrowest link, with no queue needed to see it (the
 * dispersion of a packet train). It says how long a burst stands in the way of others.
 */

/** Packets sent within this time left in one go, and so arrive as far apart as the path makes them. */
const SAME_TIME_US = 1_000;
/** Part of what was measured before that each burst leaves: about 16 bursts, half a second of pictures (chosen). */
const KEPT = 15 / 16;
/** Bursts before there is an answer. */
const MIN_BURSTS = 8;

export class BurstSpeed {
  #bursts = 0;
  #bytes = 0;
  #us = 0;
  #sentUs = Number.NEGATIVE_INFINITY;
  #arrivalUs = 0;
  #isBurst = false;

  /** A packet that arrived, in the order sent. */
  add(sentUs: number, arrivalUs: number, sizeBytes: number): void {
    if (sentUs - this.#sentUs < SAME_TIME_US) {
      if (!this.#isBurst) this.#begin();
      this.#bytes += sizeBytes;
      if (arrivalUs > this.#arrivalUs) this.#us += arrivalUs - this.#arrivalUs;
    } else {
      this.#isBurst = false;
      this.#arrivalUs = arrivalUs;
    }
    this.#sentUs = sentUs;
    if (arrivalUs > this.#arrivalUs) this.#arrivalUs = arrivalUs;
  }

  /** Bits per second; Infinity when bursts arrive at once, 0 while unknown. */
  get bps(): number {
    return this.#bursts < MIN_BURSTS ? 0 : (this.#bytes * 8e6) / this.#us;
  }

  #begin(): void {
    this.#isBurst = true;
    this.#bursts = Math.min(MIN_BURSTS, this.#bursts + 1);
    this.#bytes *= KEPT;
    this.#us *= KEPT;
  }
}
