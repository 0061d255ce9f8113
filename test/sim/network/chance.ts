/** The draws of the simulated network: everything random in a scenario comes from one seeded generator per part. */
import { Random } from '../../fuzz/random.ts';

const RESOLUTION = 2 ** 32;

export class Chance {
  readonly #random: Random;

  /** `part` names what draws, so that adding a part to a scenario does not change what the others draw. */
  constructor(seed: number, part: string) {
    let mixed = seed >>> 0;
    for (let i = 0; i < part.length; i++) mixed = Math.imul(mixed ^ part.charCodeAt(i), 0x01000193) >>> 0;
    this.#random = new Random(mixed);
  }

  /** 0 ≤ x < 1. */
  uniform(): number {
    return this.#random.below(RESOLUTION) / RESOLUTION;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.uniform();
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.uniform() * (most - least + 1));
  }

  happens(probability: number): boolean {
    return probability > 0 && this.uniform() < probability;
  }

  /** Mean 0, variance 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }
}
