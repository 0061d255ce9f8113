/** How many connections there may be, in all and of one address. Pure. */
export interface PortLimits {
  readonly connections: number;
  /** Of an IPv4 address, or a /64 of IPv6: one customer has many of those. */
  readonly connectionsPerAddress: number;
}

export class ConnectionLimits {
  readonly #limits: PortLimits;
  readonly #perAddress = new Map<string, number>();
  #count = 0;

  constructor(limits: PortLimits) {
    this.#limits = limits;
  }

  /** One more, whose address may not be known yet. False: there are too many, and nothing is counted. */
  take(): boolean {
    if (this.#count >= this.#limits.connections) return false;
    this.#count++;
    return true;
  }

  give(): void {
    this.#count--;
  }

  /** As `take`, for an address. */
  takeOf(key: string): boolean {
    const count = this.#perAddress.get(key) ?? 0;
    if (count >= this.#limits.connectionsPerAddress) return false;
    this.#perAddress.set(key, count + 1);
    return true;
  }

  giveOf(key: string): void {
    const left = (this.#perAddress.get(key) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(key, left);
    else this.#perAddress.delete(key);
  }

  /** Connections, and addresses that they are of. */
  get size(): { readonly connections: number; readonly addresses: number } {
    return { connections: this.#count, addresses: this.#perAddress.size };
  }
}
