/** The registry of a zone that lives in one process (`zonectl up`, tests). */
import { ZonecastError } from '../../common/errors.ts';
import { MemoryStore } from './memory-store.ts';
import type { Lease, Registry, RegistryEntry, RegistryList, Watch, WatchListener } from './registry.ts';

/** Several on one store are like several controllers on one etcd. */
export class MemoryRegistry implements Registry {
  readonly #store: MemoryStore;
  readonly #watches = new Set<Watch>();
  readonly #leases = new Set<MemoryLease>();

  constructor(store = new MemoryStore()) {
    this.#store = store;
  }

  async get(key: string): Promise<RegistryEntry | undefined> {
    return this.#store.get(key);
  }

  async list(prefix: string): Promise<RegistryList> {
    return this.#store.list(prefix);
  }

  async put(key: string, value: string, expected?: number): Promise<number> {
    return this.#store.put(key, value, expected, undefined);
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    return this.#store.delete(key, expected);
  }

  async lease(ttlSeconds: number): Promise<Lease> {
    const lease = new MemoryLease(this.#store, ttlSeconds);
    this.#leases.add(lease);
    void lease.lost.then(() => this.#leases.delete(lease));
    return lease;
  }

  watch(prefix: string, since: number, listener: WatchListener): Watch {
    const inner = this.#store.watch(prefix, since, listener);
    const watch: Watch = {
      close: () => {
        inner.close();
        this.#watches.delete(watch);
      },
    };
    this.#watches.add(watch);
    return watch;
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    for (const lease of this.#leases) lease.abandon();
  }
}

class MemoryLease implements Lease {
  readonly ttlSeconds: number;
  readonly #store: MemoryStore;
  readonly #lost = Promise.withResolvers<void>();
  readonly lost = this.#lost.promise;
  #isAlive = true;
  #expiry: NodeJS.Timeout | undefined;

  constructor(store: MemoryStore, ttlSeconds: number) {
    this.#store = store;
    this.ttlSeconds = ttlSeconds;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  async put(key: string, value: string, expected?: number): Promise<number> {
    if (!this.#isAlive) throw new ZonecastError('leaseLost', 'The lease is over.');
    return this.#store.put(key, value, expected, this);
  }

  async revoke(): Promise<void> {
    clearTimeout(this.#expiry);
    this.#isAlive = false;
    this.#store.deleteOwned(this);
    this.#lost.resolve();
  }

  /** Nobody keeps it alive any more. */
  abandon(): void {
    this.#expiry = setTimeout(() => void this.revoke(), this.ttlSeconds * 1000).unref();
  }
}
