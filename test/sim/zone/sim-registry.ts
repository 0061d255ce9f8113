/**
 * The zone's registry as one controller reaches it: the memory registry's store behind a network that is slow, cut or
 * forgets changes, with leases on virtual time. What happens to a write whose answer is lost is as uncertain as ever.
 */
import { ZonecastError } from '../../../common/errors.ts';
import type { MemoryStore } from '../../../zone-controller/registry/memory-store.ts';
import type {
  Lease,
  Registry,
  RegistryChange,
  RegistryEntry,
  RegistryList,
  Watch,
  WatchListener,
} from '../../../zone-controller/registry/registry.ts';
import type { SimClock } from '../common/sim-clock.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { SimNetwork, SimStream } from './sim-network.ts';

const CALL_MS = 2_000;
const RETRY_MS = 500;

export class SimRegistry implements Registry {
  readonly #network: SimNetwork;
  readonly #clock: SimClock;
  readonly #store: MemoryStore;
  /** Where it runs, and who asks. */
  readonly #server: SimHost;
  readonly #client: SimHost;
  readonly #watches = new Set<SimWatch>();

  constructor(network: SimNetwork, store: MemoryStore, server: SimHost, client: SimHost) {
    this.#network = network;
    this.#clock = network.clock;
    this.#store = store;
    this.#server = server;
    this.#client = client;
  }

  get(key: string): Promise<RegistryEntry | undefined> {
    return this.#ask(() => this.#store.get(key));
  }

  /** Of views, which would otherwise pause by a real clock: asked until it is answered. */
  async list(prefix: string): Promise<RegistryList> {
    for (;;) {
      try {
        return await this.#ask(() => this.#store.list(prefix));
      } catch {
        await this.#clock.sleep(RETRY_MS);
      }
    }
  }

  put(key: string, value: string, expected?: number): Promise<number> {
    return this.#ask(() => this.#store.put(key, value, expected, undefined));
  }

  delete(key: string, expected?: number): Promise<boolean> {
    return this.#ask(() => this.#store.delete(key, expected));
  }

  async lease(ttlSeconds: number): Promise<Lease> {
    const owner = {};
    const askedMs = this.#clock.nowMs;
    const isGranted = await this.#ask(() => true);
    if (!isGranted) throw unavailable();
    return new SimLease(this.#clock, this.#client, ttlSeconds, owner, askedMs, this.#store, (handle) =>
      this.#ask(handle),
    );
  }

  watch(prefix: string, since: number, listener: WatchListener): Watch {
    const watch = new SimWatch(this.#network, this.#server, this.#client, this.#store, prefix, since, listener);
    this.#watches.add(watch);
    return {
      close: () => {
        watch.close();
        this.#watches.delete(watch);
      },
    };
  }

  /** Watches have missed changes that are forgotten. */
  compact(): void {
    for (const watch of [...this.#watches]) if (watch.compact()) this.#watches.delete(watch);
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    this.#watches.clear();
  }

  #ask<Reply>(handle: () => Reply): Promise<Reply> {
    return this.#network.call(this.#client, this.#server, CALL_MS, unavailable, () => {
      const reply = handle();
      this.#clock.stir();
      return reply;
    });
  }
}

function unavailable(): ZonecastError {
  return new ZonecastError('registryUnavailable', 'The registry does not answer.');
}

/** Changes go over a stream; when that breaks they are told from where it was. */
class SimWatch {
  readonly #store: MemoryStore;
  readonly #listener: WatchListener;
  readonly #client: SimHost;
  #stream: SimStream<RegistryChange>;
  #inner: Watch;
  #isOver = false;

  constructor(
    network: SimNetwork,
    server: SimHost,
    client: SimHost,
    store: MemoryStore,
    prefix: string,
    since: number,
    listener: WatchListener,
  ) {
    this.#store = store;
    this.#listener = listener;
    this.#client = client;
    const open = (): SimStream<RegistryChange> =>
      network.stream<RegistryChange>(
        server,
        client,
        (change) => this.#tell(change),
        () => this.compact(),
      );
    this.#stream = open();
    this.#inner = this.#store.watch(prefix, since, {
      changed: (change) => this.#stream.send(change),
      ended: () => this.compact(),
    });
  }

  #tell(change: RegistryChange): void {
    if (!this.#isOver) this.#listener.changed(change);
  }

  /** False when it is over already. */
  compact(): boolean {
    if (this.#isOver) return false;
    this.close();
    const error = new ZonecastError('revisionCompacted', 'Changes are forgotten.');
    this.#client.run(() => this.#listener.ended(error));
    return true;
  }

  close(): void {
    this.#isOver = true;
    this.#inner.close();
  }
}

class SimLease implements Lease {
  readonly ttlSeconds: number;
  readonly #clock: SimClock;
  readonly #client: SimHost;
  readonly #owner: object;
  readonly #store: MemoryStore;
  readonly #ask: <Reply>(handle: () => Reply) => Promise<Reply>;
  readonly #lost = Promise.withResolvers<void>();
  readonly lost = this.#lost.promise;
  /** By the holder's reckoning, and by the registry's. */
  #aliveUntilMs: number;
  #keptUntilMs: number;
  #isRevoked = false;

  constructor(
    clock: SimClock,
    client: SimHost,
    ttlSeconds: number,
    owner: object,
    askedMs: number,
    store: MemoryStore,
    ask: <Reply>(handle: () => Reply) => Promise<Reply>,
  ) {
    this.ttlSeconds = ttlSeconds;
    this.#clock = clock;
    this.#client = client;
    this.#owner = owner;
    this.#store = store;
    this.#ask = ask;
    this.#aliveUntilMs = askedMs + ttlSeconds * 1_000;
    this.#keptUntilMs = clock.nowMs + ttlSeconds * 1_000;
    this.#keep();
    this.#expire();
  }

  get isAlive(): boolean {
    return !this.#isRevoked && this.#clock.nowMs < this.#aliveUntilMs;
  }

  put(key: string, value: string, expected?: number): Promise<number> {
    return this.#ask(() => {
      if (this.#isOver) throw new ZonecastError('leaseLost', 'The lease is over.');
      return this.#store.put(key, value, expected, this.#owner);
    });
  }

  async revoke(): Promise<void> {
    this.#isRevoked = true;
    await this.#ask(() => this.#end()).catch(() => undefined);
  }

  get #isOver(): boolean {
    return this.#clock.nowMs >= this.#keptUntilMs;
  }

  #keep(): void {
    const ttlMs = this.ttlSeconds * 1_000;
    this.#client.after(ttlMs / 3, () => {
      if (!this.isAlive) return;
      const askedMs = this.#clock.nowMs;
      this.#ask(() => {
        if (this.#isOver) throw new ZonecastError('leaseLost', 'The lease is over.');
        this.#keptUntilMs = this.#clock.nowMs + ttlMs;
      }).then(
        () => {
          // What was over once stays over: its holder has taken another one since.
          if (this.isAlive) this.#aliveUntilMs = askedMs + ttlMs;
        },
        () => undefined,
      );
      this.#keep();
    });
  }

  /** At the registry. */
  #expire(): void {
    this.#clock.after(Math.max(1, this.#keptUntilMs - this.#clock.nowMs), () => {
      if (this.#isOver) this.#end();
      else this.#expire();
    });
  }

  #end(): void {
    this.#keptUntilMs = Math.min(this.#keptUntilMs, this.#clock.nowMs);
    this.#store.deleteOwned(this.#owner);
    this.#clock.stir();
    this.#client.run(() => this.#lost.resolve());
  }
}
