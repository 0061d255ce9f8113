/** Uploads of one carrier, which may overtake each other on their way: applied in the order of their numbers, each once. Pure. */
import { MAX_UPLOADS } from '../../../proto/tunnel.ts';

export class UploadOrder {
  #next = 1;
  readonly #early = new Map<number, Buffer>();

  /** Bodies that can be applied now, in order; empty for one that came early or again. Undefined: too far ahead. */
  push(number: number, body: Buffer): Buffer[] | undefined {
    if (number >= this.#next + MAX_UPLOADS) return undefined;
    if (number >= this.#next) this.#early.set(number, body);
    const ready: Buffer[] = [];
    for (let next = this.#early.get(this.#next); next !== undefined; next = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++);
      ready.push(next);
    }
    return ready;
  }
}
