/** A set of bounded size: when it is full, what was added longest ago is forgotten. */
export class RecentSet<Item> {
  readonly #items = new Set<Item>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(item: Item): boolean {
    return this.#items.has(item);
  }

  add(item: Item): void {
    this.#items.delete(item);
    this.#items.add(item);
    if (this.#items.size <= this.#capacity) return;
    for (const oldest of this.#items) {
      this.#items.delete(oldest);
      return;
    }
  }

  delete(item: Item): void {
    this.#items.delete(item);
  }

  /** The oldest first. */
  [Symbol.iterator](): Iterator<Item> {
    return this.#items.values();
  }
}
