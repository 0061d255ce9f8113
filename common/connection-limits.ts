/** How many connections there may be, in all and of one holder: an address (`addressKey`), a participant. Pure. */
export class ConnectionLimits {
  readonly #most: number;
  readonly #mostPerHolder: number;
  readonly #perHolder = new Map<string, number>();
  #count = 0;

  constructor(most: number, mostPerHolder: number) {
    this.#most = most;
    this.#mostPerHolder = mostPerHolder;
  }

  /** One more, whose holder may not be known yet. False: there are too many, and nothing is counted. */
  take(): boolean {
    if (this.#count >= this.#most) return false;
    this.#count++;
    return true;
  }

  give(): void {
    this.#count--;
  }

  /** As `take`, for a holder. */
  takeOf(key: string): boolean {
    const count = this.#perHolder.get(key) ?? 0;
    if (count >= this.#mostPerHolder) return false;
    this.#perHolder.set(key, count + 1);
    return true;
  }

  giveOf(key: string): void {
    const left = (this.#perHolder.get(key) ?? 1) - 1;
    if (left > 0) this.#perHolder.set(key, left);
    else this.#perHolder.delete(key);
  }

  /** One more, of a holder that is known; gives what gives it back, which is to be called once. Undefined: there are too many. */
  acquire(holder: string): (() => void) | undefined {
    if (!this.take()) return undefined;
    if (!this.takeOf(holder)) {
      this.give();
      return undefined;
    }
    return () => {
      this.give();
      this.giveOf(holder);
    };
  }

  /** Connections, and holders that they are of. */
  get size(): { readonly connections: number; readonly holders: number } {
    return { connections: this.#count, holders: this.#perHolder.size };
  }
}
