/** What is to happen when, in steps of virtual time. */
export const STEP_MS = 100;

export class Calendar<Item> {
  readonly #steps = new Map<number, Item[]>();

  at(timeMs: number, item: Item): void {
    const step = Math.ceil(timeMs / STEP_MS);
    const items = this.#steps.get(step);
    if (items === undefined) this.#steps.set(step, [item]);
    else items.push(item);
  }

  take(nowMs: number): readonly Item[] {
    const step = nowMs / STEP_MS;
    const items = this.#steps.get(step);
    this.#steps.delete(step);
    return items ?? [];
  }
}
