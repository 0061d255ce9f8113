/**
 * The numbers of a block in an order that looks random and has each once: no counter is shared, and who has seen some ids
 * cannot tell the next. A Feistel network over 17 bits whose round functions are tables of random bytes; what falls
 * outside the block is sent through again (cycle walking), which keeps it a permutation. M. Luby, C. Rackoff: "How to
 * construct pseudorandom permutations from pseudorandom functions" (1988); J. Black, P. Rogaway: "Ciphers with
 * arbitrary finite domains" (2002).
 */

/** Numbers in a block: 5 digits. */
export const BLOCK_SIZE = 100_000;
/** 2^17 is the next power of two: a number falls outside in one of four times. */
const [HIGH_BITS, LOW_BITS] = [8, 9];
/** Luby and Rackoff: four make a strong pseudorandom permutation. */
const ROUNDS = 4;
/** For each round, 16 bits for each value of the larger half. */
export const SECRET_BYTES = ROUNDS * 2 ** LOW_BITS * 2;

export class BlockNumbers {
  readonly #rounds: DataView;

  /** `secret`: SECRET_BYTES random bytes, of whoever draws from the block; with others it is another order. */
  constructor(secret: Uint8Array) {
    if (secret.length !== SECRET_BYTES) throw new Error(`the secret has ${secret.length} bytes`);
    this.#rounds = new DataView(secret.buffer, secret.byteOffset, secret.byteLength);
  }

  /** The number at `index`, both in 0 … BLOCK_SIZE - 1. */
  at(index: number): number {
    let number = this.#permute(index);
    while (number >= BLOCK_SIZE) number = this.#permute(number);
    return number;
  }

  /** The halves are of 8 and 9 bits, and change places in every round. */
  #permute(value: number): number {
    let [leftBits, rightBits] = [HIGH_BITS, LOW_BITS];
    let [left, right] = [value >>> rightBits, value & ((1 << rightBits) - 1)];
    for (let round = 0; round < ROUNDS; round++) {
      const mixed = left ^ (this.#round(round, right) & ((1 << leftBits) - 1));
      [left, right] = [right, mixed];
      [leftBits, rightBits] = [rightBits, leftBits];
    }
    return (left << rightBits) | right;
  }

  #round(round: number, half: number): number {
    return this.#rounds.getUint16(2 * (round * 2 ** LOW_BITS + half));
  }
}
