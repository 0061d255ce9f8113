/** What a parser of hostile bytes brings along to be fuzzed. */
import type { Random } from './random.ts';

export interface FuzzTarget {
  /** Also the name of its folder in `corpus/`. */
  readonly name: string;
  /** Inputs in the bounded run of `npm test`, about a second's worth; FUZZ_RUNS replaces it. */
  readonly runs: number;
  /** The largest input that mutation may grow to, in bytes. */
  readonly maxSize: number;
  /**
   * Largest number of byte reads per input byte, the proof of bounded time (a small constant is allowed on top);
   * undefined for text, whose characters cannot be counted from outside.
   */
  readonly readsPerByte: number | undefined;
  /**
   * Feeds the `size` bytes at `offset`; throws when an invariant is broken. The returned value says what was
   * understood, offsets counted from `offset`: the runner compares it between different surroundings.
   */
  run(bytes: Uint8Array, offset: number, size: number): unknown;
  /** Repairs what would make nearly every mutation fail at the door, e.g. a length field. In place. */
  repair?(input: Uint8Array, random: Random): void;
  /** A mutation that keeps to the format's own grammar, used for half of the inputs. Returns a new array. */
  vary?(seed: Uint8Array, random: Random): Uint8Array;
}

/** A broken invariant, told by name. */
export function hold(condition: boolean, invariant: string): void {
  if (!condition) throw new Error(`invariant broken: ${invariant}`);
}

/** Whether a value is an integer of the range, which NaN, fractions and undefined are not. */
export function isUint(value: number, bits: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** bits;
}
