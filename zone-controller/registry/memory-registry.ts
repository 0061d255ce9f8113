/** The registry of a zone that lives in one process (`zonectl up`, tests). Gone with the process. */
import { ZonecastError } from '../../common/errors.ts';
import type { Registry, RegistryChange, RegistryEntry, Watch } from './registry.ts';

/** Changes kept for watchers that start in the past. */
const HISTORY = 10_000;

interface Watcher {
  readonly prefix: string;
  readonly listener: (change: RegistryChange) => void;
}

export class MemoryRegistry implements Registry {
  readonly #entries = new Map<string, RegistryEntry>();
  readonly #watchers = new Set<Watcher>();
  readonly #history: RegistryChange[] = [];
  #revision = 0;

  async get(key: string): Promise<RegistryEntry | undefined> {
    return this.#entries.get(key);
  }

  async list(prefix: string): Promise<readonly RegistryEntry[]> {
    const below = [...this.#entries.values()].filter(({ key }) => key.startsWith(prefix));
    return below.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async put(key: string, value: string, expected?: number): Promise<number> {
    this.#check(key, expected);
    const entry = { key, value, revision: ++this.#revision };
    this.#entries.set(key, entry);
    this.#report({ type: 'put', entry });
    return entry.revision;
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    this.#check(key, expected);
    if (!this.#entries.delete(key)) return false;
    this.#report({ type: 'delete', key, revision: ++this.#revision });
    return true;
  }

  watch(prefix: string, listener: (change: RegistryChange) => void, sinceRevision?: number): Watch {
    const missed = sinceRevision === undefined ? [] : this.#since(sinceRevision);
    const watcher: Watcher = { prefix, listener };
    this.#watchers.add(watcher);
    for (const change of missed) this.#tell(watcher, change);
    return { close: () => this.#watchers.delete(watcher) };
  }

  async close(): Promise<void> {
    this.#watchers.clear();
  }

  #check(key: string, expected: number | undefined): void {
    if (expected === undefined || expected === (this.#entries.get(key)?.revision ?? 0)) return;
    throw new ZonecastError('revisionConflict', `${key} was changed by another.`);
  }

  #since(revision: number): RegistryChange[] {
    const oldest = this.#history[0];
    if (oldest !== undefined && revisionOf(oldest) > revision + 1) {
      throw new ZonecastError('revisionConflict', `Changes since revision ${revision} are forgotten.`);
    }
    return this.#history.filter((change) => revisionOf(change) > revision);
  }

  #report(change: RegistryChange): void {
    this.#history.push(change);
    if (this.#history.length > HISTORY) this.#history.splice(0, HISTORY / 2);
    for (const watcher of this.#watchers) this.#tell(watcher, change);
  }

  /** In a task of its own, as over a network: a listener never runs inside somebody's write. */
  #tell(watcher: Watcher, change: RegistryChange): void {
    const key = change.type === 'put' ? change.entry.key : change.key;
    if (!key.startsWith(watcher.prefix)) return;
    queueMicrotask(() => this.#watchers.has(watcher) && watcher.listener(change));
  }
}

function revisionOf(change: RegistryChange): number {
  return change.type === 'put' ? change.entry.revision : change.revision;
}
