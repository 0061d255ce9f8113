/** Which of the last packets of a stream were there: so that each is taken once, whichever way it came. */

/** Packets that may come late. More than any source's history holds would be of no use to anybody. */
export const SEEN_PACKETS = 1024;
const MASK = SEEN_PACKETS - 1;

export class SeenWindow {
  #highest = -1;
  readonly #seen = new Uint8Array(SEEN_PACKETS);

  /** False when the packet was there before, or is too old to tell. `index` is a widened sequence number. */
  take(index: number): boolean {
    if (index > this.#highest) this.#advance(index);
    else if (index <= this.#highest - SEEN_PACKETS || this.#seen[index & MASK] === 1) return false;
    this.#seen[index & MASK] = 1;
    return true;
  }

  /** Everything from `index` on has not been there. */
  restart(index: number): void {
    this.#highest = index - 1;
    this.#seen.fill(0);
  }

  #advance(index: number): void {
    if (index - this.#highest >= SEEN_PACKETS) this.#seen.fill(0);
    else for (let missing = this.#highest + 1; missing < index; missing++) this.#seen[missing & MASK] = 0;
    this.#highest = index;
  }
}
