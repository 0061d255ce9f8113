/** Where a client is told that it may go when its controller does not answer: few places, and not the same ones for everybody. */

/** Of the own zone. */
const MAX_OWN = 3;
/** Of each other zone. */
const MAX_PER_ZONE = 2;

export interface WhereElseOptions {
  /** URLs of the zone's other controllers. */
  readonly own: () => readonly string[];
  /** Of other zones that take people, the best zone first. */
  readonly zones: () => readonly (readonly string[])[];
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export class WhereElse {
  readonly #options: WhereElseOptions;

  constructor(options: WhereElseOptions) {
    this.#options = options;
  }

  /** For one client: some of the own zone in any order, then some of each other zone. */
  draw(): string[] {
    const { own, zones } = this.#options;
    return [...this.#some(own(), MAX_OWN), ...zones().flatMap((urls) => this.#some(urls, MAX_PER_ZONE))];
  }

  /** Another text when there are others than before, or other zones are the best. */
  get version(): string {
    const { own, zones } = this.#options;
    return JSON.stringify([own().toSorted(), zones()]);
  }

  /** Fisher and Yates, as far as is needed. */
  #some(urls: readonly string[], most: number): string[] {
    const { random = Math.random } = this.#options;
    const all = [...urls];
    const count = Math.min(most, all.length);
    for (let at = 0; at < count; at++) {
      const from = at + Math.floor(random() * (all.length - at));
      // The casts: both are below the length.
      [all[at], all[from]] = [all[from] as string, all[at] as string];
    }
    return all.slice(0, count);
  }
}
