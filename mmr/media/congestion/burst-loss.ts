/**
 * Whether it is for being sent in bursts that packets are lost: a buffer that holds few of them loses the ends of bursts and
 * not their beginnings. Loss of any other kind (radio, a bad cable, a rate that is too high) does not care where a packet
 * stood.
 */

/** Packets sent within this time left in one go. */
const SAME_TIME_US = 1_000;
/** Losses at the ends of bursts from which on they are judged (chosen: chance alone has three in a row at times, but not so unevenly). */
const MIN_LOST = 3;
/** The ends lose more than the beginnings by this factor, and by this much. */
const RATIO = 2;
const MARGIN = 0.05;
/** Counts are halved when so many packets are in them: about two seconds. */
const MAX_PACKETS = 256;

export class BurstLoss {
  #sentUs = Number.NEGATIVE_INFINITY;
  #bytesBefore = 0;
  #heads = 0;
  #headsLost = 0;
  #ends = 0;
  #endsLost = 0;

  /** A packet whose fate is known, in the order sent; `headBytes`: how long a burst may be at any rate. */
  add(sentUs: number, sizeBytes: number, lost: boolean, headBytes: number): void {
    if (sentUs - this.#sentUs >= SAME_TIME_US) this.#bytesBefore = 0;
    this.#sentUs = sentUs;
    if (this.#bytesBefore <= headBytes) {
      this.#heads++;
      if (lost) this.#headsLost++;
    } else {
      this.#ends++;
      if (lost) this.#endsLost++;
    }
    this.#bytesBefore += sizeBytes;
    if (this.#heads + this.#ends >= MAX_PACKETS) this.#halve();
  }

  /** Whether bursts are what is lost. */
  get shows(): boolean {
    if (this.#endsLost < MIN_LOST) return false;
    // One more than were lost: few say little.
    const headsLoss = (this.#headsLost + 1) / (this.#heads + 1);
    return this.#endsLost / this.#ends > RATIO * headsLoss + MARGIN;
  }

  reset(): void {
    this.#heads = 0;
    this.#headsLost = 0;
    this.#ends = 0;
    this.#endsLost = 0;
  }

  #halve(): void {
    this.#heads >>>= 1;
    this.#headsLost >>>= 1;
    this.#ends >>>= 1;
    this.#endsLost >>>= 1;
  }
}
