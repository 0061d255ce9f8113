/**
 * Which of a source's packets lie where in the packet store: what retransmission reads, for all the slots that carry
 * the source together. A slot keeps no packets of its own: it translates a number that its receiver misses to the
 * source's number (see `Segment`) and asks here.
 */
export class PacketHistory {
  readonly #mask: number;
  readonly #index: Float64Array;
  readonly #storeSlot: Uint32Array;
  readonly #generation: Uint32Array;
  readonly #sizeBytes: Uint16Array;

  /** `capacity` in packets, a power of two. */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#index = new Float64Array(capacity).fill(-1);
    this.#storeSlot = new Uint32Array(capacity);
    this.#generation = new Uint32Array(capacity);
    this.#sizeBytes = new Uint16Array(capacity);
  }

  get capacity(): number {
    return this.#mask + 1;
  }

  put(index: number, storeSlot: number, generation: number, sizeBytes: number): void {
    const at = index & this.#mask;
    this.#index[at] = index;
    this.#storeSlot[at] = storeSlot;
    this.#generation[at] = generation;
    this.#sizeBytes[at] = sizeBytes;
  }

  /** Where `index` lies, for the getters below; −1 when it never arrived or is too old. */
  find(index: number): number {
    const at = index & this.#mask;
    return this.#index[at] === index ? at : -1;
  }

  /** `at` is what `find` returned. */
  storeSlot(at: number): number {
    return this.#storeSlot[at] as number;
  }
  generation(at: number): number {
    return this.#generation[at] as number;
  }
  sizeBytes(at: number): number {
    return this.#sizeBytes[at] as number;
  }
}
