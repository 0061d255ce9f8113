/** A listener for tests that keeps what a watch reports and lets a test wait for it. */
import type { ZonecastError } from '../../common/errors.ts';
import type { RegistryChange, WatchListener } from '../../zone-controller/registry/registry.ts';

export class ChangeCollector implements WatchListener {
  readonly changes: RegistryChange[] = [];
  readonly #waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  readonly #ended = Promise.withResolvers<ZonecastError>();

  readonly changed = (change: RegistryChange): void => {
    this.changes.push(change);
    for (const waiter of this.#waiting) {
      if (this.changes.length < waiter.count) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  };

  readonly ended = (error: ZonecastError): void => this.#ended.resolve(error);

  /** Resolves when so many changes were reported in all; rejects when the watch ends before. */
  async has(count: number): Promise<RegistryChange[]> {
    if (this.changes.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add({ count, resolve });
      await Promise.race([promise, this.end.then((error) => Promise.reject(error))]);
    }
    return this.changes;
  }

  /** Why the watch ended. */
  get end(): Promise<ZonecastError> {
    return this.#ended.promise;
  }

  /** Values in the order that they were put in. */
  get values(): string[] {
    return this.changes.map((change) => (change.type === 'put' ? change.entry.value : 'deleted'));
  }
}
