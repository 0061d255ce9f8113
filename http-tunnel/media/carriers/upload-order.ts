/** Uploads of one carrier, which may overtake each other on their way: applied in the order of their numbers, each once. Pure. */
import { MAX_UPLOADS } from '../../../proto/tunnel.ts';

/** Of bodies that came early: a client's hold 64 KiB each, or one long record. */
export const MAX_EARLY_BYTES = 512 * 1024;

export class UploadOrder {
  #next = 1;
  #earlyBytes = 0;
  readonly #early = new Map<number, Buffer>();

  /** Bodies that can be applied now, in order; empty for one that came early or again. Undefined: too far ahead, or too much that is. */
  push(number: number, body: Buffer): Buffer[] | undefined {
    if (number >= this.#next + MAX_UPLOADS) return undefined;
    if (number < this.#next || this.#early.has(number)) return [];
    if (number > this.#next && this.#earlyBytes + body.length > MAX_EARLY_BYTES) return undefined;
    this.#early.set(number, body);
    this.#earlyBytes += body.length;
    const ready: Buffer[] = [];
    for (let next = this.#early.get(this.#next); next !== undefined; next = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++);
      this.#earlyBytes -= next.length;
      ready.push(next);
    }
    return ready;
  }
}
