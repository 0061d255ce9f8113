/**
 * Streams that were given up and whose slots have not been told yet, with the numbers that were dropped of them. Several
 * of one transport may be between two calls of `release`: a queue fills again while its owner is not asked.
 */
import { UnusedNumbers } from './unused-numbers.ts';

export class PacerGivenUp {
  /** By transport handle, then by SSRC: as many as the transport has slots, and nearly always none. */
  readonly #byHandle: (Map<number, UnusedNumbers> | undefined)[] = [];

  has(handle: number, ssrc: number): boolean {
    return this.#byHandle[handle]?.has(ssrc) === true;
  }

  /** What was dropped of the stream; begins to count when it is new. */
  open(handle: number, ssrc: number): UnusedNumbers {
    const streams = this.#byHandle[handle] ?? new Map<number, UnusedNumbers>();
    this.#byHandle[handle] = streams;
    const unused = streams.get(ssrc) ?? new UnusedNumbers();
    streams.set(ssrc, unused);
    return unused;
  }

  /** Takes one stream out, which need not be told any more. */
  take(handle: number, ssrc: number): UnusedNumbers | undefined {
    const unused = this.#byHandle[handle]?.get(ssrc);
    this.#byHandle[handle]?.delete(ssrc);
    return unused;
  }

  /** Takes out all of a transport, in the order in which they were given up. */
  takeAll(handle: number): ReadonlyMap<number, UnusedNumbers> | undefined {
    const streams = this.#byHandle[handle];
    if (streams !== undefined) this.#byHandle[handle] = undefined;
    return streams;
  }
}
