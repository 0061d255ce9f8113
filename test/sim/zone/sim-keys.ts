/** What a controller keeps in the registry while it lives: records of routers, and its claim to lead; on virtual time. */
import type { Lease } from '../../../zone-controller/registry/registry.ts';
import { ABSENT } from '../../../zone-controller/registry/registry.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { SimRegistry } from './sim-registry.ts';

const LEASE_SECONDS = 6;
const EACH_MS = 500;

export class SimKeys {
  readonly #registry: SimRegistry;
  readonly #leaderKey: string;
  /** Of this process. */
  readonly #name: string;
  readonly #wanted = new Map<string, string>();
  #put = new Map<string, { readonly value: string; readonly revision: number }>();
  #lease: Lease | undefined;
  #leads: Lease | undefined;
  #leases = 0;
  #isBusy = false;
  #isStale = false;

  constructor(host: SimHost, registry: SimRegistry, leaderKey: string, name: string) {
    this.#registry = registry;
    this.#leaderKey = leaderKey;
    this.#name = name;
    host.each(EACH_MS, () => this.#look());
  }

  get isLeader(): boolean {
    return this.#leads?.isAlive ?? false;
  }

  want(key: string, value: string): void {
    this.#wanted.set(key, value);
    this.#look();
  }

  drop(key: string): void {
    this.#wanted.delete(key);
    this.#look();
  }

  /** Somebody has deleted the key. */
  deleted(key: string): void {
    if (this.#put.delete(key)) this.#look();
  }

  #look(): void {
    if (this.#isBusy) {
      this.#isStale = true;
      return;
    }
    this.#isBusy = true;
    this.#isStale = false;
    this.#settle()
      .catch(() => undefined)
      .finally(() => {
        this.#isBusy = false;
        if (this.#isStale) this.#look();
      });
  }

  async #settle(): Promise<void> {
    if (!this.#lease?.isAlive) {
      this.#put = new Map();
      this.#lease = await this.#registry.lease(LEASE_SECONDS);
      this.#leases++;
    }
    const lease = this.#lease;
    for (const [key, value] of this.#wanted) {
      if (this.#put.get(key)?.value === value) continue;
      this.#put.set(key, { value, revision: await lease.put(key, value) });
    }
    for (const [key, { revision }] of this.#put) {
      if (this.#wanted.has(key)) continue;
      await this.#registry.delete(key, revision).catch(() => undefined);
      this.#put.delete(key);
    }
    if (this.isLeader) return;
    this.#leads = undefined;
    const holder = await this.#registry.get(this.#leaderKey);
    const claim = JSON.stringify({ format: 1, controller: this.#name, lease: this.#leases });
    // The answer to the write may have been lost.
    if (holder === undefined) await lease.put(this.#leaderKey, claim, ABSENT);
    else if (holder.value !== claim) return;
    this.#leads = lease;
  }
}
