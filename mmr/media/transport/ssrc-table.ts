/** Things by SSRC, at most `capacity` of them. Packets come in runs of one SSRC, so the last hit is asked first. */
export class SsrcTable<T extends { readonly ssrc: number }> {
  /** Additions refused because the table was full. */
  refused = 0;
  readonly #capacity: number;
  readonly #items = new Map<number, T>();
  #last: T | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.size;
  }

  /** Allocates nothing. */
  get(ssrc: number): T | undefined {
    const last = this.#last;
    if (last !== undefined && last.ssrc === ssrc) return last;
    const found = this.#items.get(ssrc);
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** Adds or replaces; false when full. */
  add(item: T): boolean {
    if (this.#items.size >= this.#capacity && !this.#items.has(item.ssrc)) {
      this.refused++;
      return false;
    }
    this.#items.set(item.ssrc, item);
    this.#last = undefined;
    return true;
  }

  remove(ssrc: number): T | undefined {
    const item = this.#items.get(ssrc);
    this.#items.delete(ssrc);
    if (this.#last === item) this.#last = undefined;
    return item;
  }

  clear(): void {
    this.#items.clear();
    this.#last = undefined;
  }

  values(): IterableIterator<T> {
    return this.#items.values();
  }
}
