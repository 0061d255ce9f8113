/**
 * Puts numbers that begin anew at 2^bits on one line without end: each is taken for the one nearest to the one before it
 * (RFC 1982). To be done once, where a packet comes in.
 */
export class NumberLine {
  readonly #cycle: number;
  #last: number | undefined;

  constructor(bits: 8 | 16 | 32) {
    this.#cycle = 2 ** bits;
  }

  /** @returns a number that is `value` modulo 2^bits; the first is `value` plus one cycle, so that none is negative soon */
  place(value: number): number {
    if (this.#last === undefined) {
      this.#last = value + this.#cycle;
      return this.#last;
    }
    let step = (value - this.#last) % this.#cycle;
    if (step < -this.#cycle / 2) step += this.#cycle;
    else if (step >= this.#cycle / 2) step -= this.#cycle;
    this.#last += step;
    return this.#last;
  }
}
