/**
 * A copy of what is below a prefix, kept up to date for as long as it is open. It lists, then watches; when changes are
 * forgotten in between, it lists again and reports the difference, so that its listener sees every key end up right,
 * each change at most once and never an older value after a newer one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../common/log.ts';
import type { Registry, RegistryChange, RegistryEntry, RegistryList, Watch } from './registry.ts';

const RETRY_MS = 500;

export interface RegistryViewOptions {
  readonly registry: Registry;
  readonly prefix: string;
  /** Called with the copy already changed. */
  readonly changed: (change: RegistryChange) => void;
  readonly log: Logger;
}

export class RegistryView {
  readonly #options: RegistryViewOptions;
  readonly #entries = new Map<string, RegistryEntry>();
  readonly #listed = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  #watch: Watch | undefined;
  /** Lists made since the first. */
  relists = 0;

  constructor(options: RegistryViewOptions) {
    this.#options = options;
    void this.#list();
  }

  get entries(): ReadonlyMap<string, RegistryEntry> {
    return this.#entries;
  }

  /** Resolves when what existed at first is known and reported. */
  get listed(): Promise<void> {
    return this.#listed.promise;
  }

  /** Nothing is reported after this. */
  close(): void {
    this.#closing.abort();
    this.#watch?.close();
  }

  async #list(): Promise<void> {
    const { registry, prefix, log } = this.#options;
    const { signal } = this.#closing;
    for (;;) {
      const list = await registry.list(prefix).catch((error: unknown) => {
        log.warn({ prefix, err: error }, 'the registry could not be listed');
      });
      if (signal.aborted) return;
      if (list !== undefined) return this.#follow(list);
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Reports in what the list differs from the copy, and goes on from there. */
  #follow({ entries, revision }: RegistryList): void {
    const listed = new Set(entries.map(({ key }) => key));
    for (const key of this.#entries.keys()) if (!listed.has(key)) this.#apply({ type: 'delete', key, revision });
    for (const entry of entries) {
      if (this.#entries.get(entry.key)?.revision !== entry.revision) this.#apply({ type: 'put', entry });
    }
    this.#listed.resolve();
    if (this.#closing.signal.aborted) return;
    this.#watch = this.#options.registry.watch(this.#options.prefix, revision, {
      changed: (change) => this.#apply(change),
      ended: () => {
        this.relists++;
        void this.#list();
      },
    });
  }

  #apply(change: RegistryChange): void {
    if (this.#closing.signal.aborted) return;
    if (change.type === 'put') this.#entries.set(change.entry.key, change.entry);
    else this.#entries.delete(change.key);
    this.#options.changed(change);
  }
}
