/** Where the zone's controllers are by their own word; until that is heard, by an operator's. */
import type { ControllerList } from '../proxy/controller-list.ts';

export class ToldControllers implements ControllerList {
  readonly #listeners = new Set<() => void>();
  #urls: readonly string[];

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  get urls(): readonly string[] {
    return this.#urls;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** None at all is no news: whoever says it is one of them. */
  replace(urls: readonly string[]): void {
    const sorted = urls.toSorted();
    if (sorted.length === 0 || JSON.stringify(sorted) === JSON.stringify(this.#urls)) return;
    this.#urls = sorted;
    for (const listener of this.#listeners) listener();
  }
}
