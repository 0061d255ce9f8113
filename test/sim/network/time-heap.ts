/** A binary heap of things that are due; equal times come out in the order in which they went in. */
export class TimeHeap<Item> {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #items: Item[] = [];
  #order = 0;

  get size(): number {
    return this.#times.length;
  }

  /** Time of the first, in µs; Infinity when there is none. */
  get firstUs(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  push(timeUs: number, item: Item): void {
    let at = this.#times.length;
    const order = this.#order++;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      // What was there at the same time goes first.
      if ((this.#times[parent] as number) <= timeUs) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, timeUs, order, item);
  }

  /** The first, which leaves the heap. Precondition: `size` > 0. */
  pop(): Item {
    const first = this.#items[0] as Item;
    const timeUs = this.#times.pop() as number;
    const order = this.#orders.pop() as number;
    const item = this.#items.pop() as Item;
    if (this.#times.length > 0) this.#sink(timeUs, order, item);
    return first;
  }

  /** Finds the place of what was last, from the top on. */
  #sink(timeUs: number, order: number, item: Item): void {
    const size = this.#times.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(child + 1, this.#times[child] as number, this.#orders[child] as number)) {
        child++;
      }
      if (!this.#isBefore(child, timeUs, order)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, timeUs, order, item);
  }

  #isBefore(at: number, timeUs: number, order: number): boolean {
    const own = this.#times[at] as number;
    return own < timeUs || (own === timeUs && (this.#orders[at] as number) < order);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from] as number, this.#orders[from] as number, this.#items[from] as Item);
  }

  #put(at: number, timeUs: number, order: number, item: Item): void {
    this.#times[at] = timeUs;
    this.#orders[at] = order;
    this.#items[at] = item;
  }
}
