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
    this.#times.push(timeUs);
    this.#orders.push(order);
    this.#items.push(item);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The first, which leaves the heap. Precondition: `size` > 0. */
  pop(): Item {
    const first = this.#items[0] as Item;
    const last = this.#times.length - 1;
    this.#swap(0, last);
    this.#times.pop();
    this.#orders.pop();
    this.#items.pop();
    this.#sink();
    return first;
  }

  #sink(): void {
    const size = this.#times.length;
    for (let at = 0; ; ) {
      let child = 2 * at + 1;
      if (child >= size) return;
      if (child + 1 < size && this.#before(child + 1, child)) child++;
      if (!this.#before(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#times[a] as number) - (this.#times[b] as number);
    return difference !== 0 ? difference < 0 : (this.#orders[a] as number) < (this.#orders[b] as number);
  }

  #swap(a: number, b: number): void {
    swap(this.#times, a, b);
    swap(this.#orders, a, b);
    swap(this.#items, a, b);
  }
}

function swap<Item>(items: Item[], a: number, b: number): void {
  const kept = items[a] as Item;
  items[a] = items[b] as Item;
  items[b] = kept;
}
