/** A registry whose calls are counted and timed; it adds nothing else. */
import type { Lease, Registry, RegistryEntry, RegistryList, Watch, WatchListener } from '../registry/registry.ts';
import type { ControllerMetrics } from './controller-metrics.ts';

export class MeteredRegistry implements Registry {
  readonly #registry: Registry;
  readonly #metrics: Pick<ControllerMetrics, 'calling'>;

  constructor(registry: Registry, metrics: Pick<ControllerMetrics, 'calling'>) {
    this.#registry = registry;
    this.#metrics = metrics;
  }

  get(key: string): Promise<RegistryEntry | undefined> {
    return this.#metrics.calling('get', () => this.#registry.get(key));
  }

  list(prefix: string): Promise<RegistryList> {
    return this.#metrics.calling('list', () => this.#registry.list(prefix));
  }

  put(key: string, value: string, expected?: number): Promise<number> {
    return this.#metrics.calling('put', () => this.#registry.put(key, value, expected));
  }

  delete(key: string, expected?: number): Promise<boolean> {
    return this.#metrics.calling('delete', () => this.#registry.delete(key, expected));
  }

  lease(ttlSeconds: number): Promise<Lease> {
    return this.#metrics.calling('lease', () => this.#registry.lease(ttlSeconds));
  }

  watch(prefix: string, since: number, listener: WatchListener): Watch {
    return this.#registry.watch(prefix, since, listener);
  }

  close(): Promise<void> {
    return this.#registry.close();
  }
}
