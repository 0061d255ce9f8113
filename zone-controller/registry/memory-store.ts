/** The keys of a zone that lives in one process, and their history. Gone with the process. */
import { ZonecastError } from '../../common/errors.ts';
import {
  keyOf,
  MAX_REVISIONS_BEHIND,
  type RegistryChange,
  type RegistryEntry,
  type RegistryList,
  revisionOf,
  type Watch,
  type WatchListener,
} from './registry.ts';

interface Watcher {
  readonly prefix: string;
  readonly listener: WatchListener;
}

interface Stored {
  readonly entry: RegistryEntry;
  /** Whoever's end deletes the key. */
  readonly owner: object | undefined;
}

export class MemoryStore {
  readonly #stored = new Map<string, Stored>();
  readonly #watchers = new Set<Watcher>();
  /** The last changes, for watches that start in the past. */
  readonly #history: RegistryChange[] = [];
  #revision = 0;

  get(key: string): RegistryEntry | undefined {
    return this.#stored.get(key)?.entry;
  }

  list(prefix: string): RegistryList {
    const entries = [...this.#stored.values()].map(({ entry }) => entry).filter(({ key }) => key.startsWith(prefix));
    entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    return { entries, revision: this.#revision };
  }

  put(key: string, value: string, expected: number | undefined, owner: object | undefined): number {
    this.#check(key, expected);
    const entry = { key, value, revision: ++this.#revision };
    this.#stored.set(key, { entry, owner });
    this.#report({ type: 'put', entry });
    return entry.revision;
  }

  delete(key: string, expected: number | undefined): boolean {
    this.#check(key, expected);
    if (!this.#stored.delete(key)) return false;
    this.#report({ type: 'delete', key, revision: ++this.#revision });
    return true;
  }

  /** Deletes all keys of an owner, in one revision. */
  deleteOwned(owner: object): void {
    const keys = [...this.#stored].flatMap(([key, stored]) => (stored.owner === owner ? [key] : [])).sort();
    if (keys.length > 0) this.#revision++;
    for (const key of keys) {
      this.#stored.delete(key);
      this.#report({ type: 'delete', key, revision: this.#revision });
    }
  }

  watch(prefix: string, since: number, listener: WatchListener): Watch {
    const watcher: Watcher = { prefix, listener };
    this.#watchers.add(watcher);
    const [oldest] = this.#history;
    if (oldest !== undefined && revisionOf(oldest) > since + 1) {
      this.#watchers.delete(watcher);
      const error = new ZonecastError('revisionCompacted', `Changes since revision ${since} are forgotten.`);
      queueMicrotask(() => listener.ended(error));
    } else {
      for (const change of this.#history) if (revisionOf(change) > since) this.#tell(watcher, change);
    }
    return { close: () => this.#watchers.delete(watcher) };
  }

  #check(key: string, expected: number | undefined): void {
    if (expected === undefined || expected === (this.#stored.get(key)?.entry.revision ?? 0)) return;
    throw new ZonecastError('revisionConflict', `${key} was changed by another.`);
  }

  #report(change: RegistryChange): void {
    this.#history.push(change);
    if (this.#history.length > MAX_REVISIONS_BEHIND) this.#history.splice(0, MAX_REVISIONS_BEHIND / 2);
    for (const watcher of this.#watchers) this.#tell(watcher, change);
  }

  /** In a task of its own, as over a network: a listener never runs inside somebody's write. */
  #tell(watcher: Watcher, change: RegistryChange): void {
    if (!keyOf(change).startsWith(watcher.prefix)) return;
    queueMicrotask(() => this.#watchers.has(watcher) && watcher.listener.changed(change));
  }
}
