/** How much of a thing each of many may have at a time. Holds no entry for who has nothing. */
export class Quota {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  isUsedUp(who: string): boolean {
    return this.of(who) >= this.#limit;
  }

  take(who: string): void {
    this.#counts.set(who, this.of(who) + 1);
  }

  give(who: string): void {
    const left = this.of(who) - 1;
    if (left > 0) this.#counts.set(who, left);
    else this.#counts.delete(who);
  }

  of(who: string): number {
    return this.#counts.get(who) ?? 0;
  }

  /** How many have something. */
  get size(): number {
    return this.#counts.size;
  }
}
