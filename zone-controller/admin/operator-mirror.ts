/** What of the registry only operators ask about: controllers, the leader, drains. A copy, as `ZoneMirror` is one. */
import type { RouterId } from '../../common/ids.ts';
import type { ControllerRecord, DrainRecord, ZoneRecords } from '../registry/records.ts';
import type { RegistryView } from '../registry/registry-view.ts';

export class OperatorMirror {
  readonly #records: ZoneRecords;
  readonly #controllers = new Map<string, ControllerRecord>();
  readonly #drains = new Map<RouterId, DrainRecord>();
  readonly #drainListeners = new Set<(router: RouterId) => void>();
  #leader: string | undefined;
  #views: readonly RegistryView[] = [];

  constructor(records: ZoneRecords) {
    this.#records = records;
  }

  start(): void {
    this.#views = [
      this.#records.viewControllers((name, record) => set(this.#controllers, name, record)),
      this.#records.viewLeader((leader) => {
        this.#leader = leader;
      }),
      this.#records.viewDrains((router, record) => {
        set(this.#drains, router, record);
        for (const listener of this.#drainListeners) listener(router);
      }),
    ];
  }

  close(): void {
    for (const view of this.#views) view.close();
  }

  /** By name. */
  get controllers(): ReadonlyMap<string, ControllerRecord> {
    return this.#controllers;
  }

  get leader(): string | undefined {
    return this.#leader;
  }

  get drains(): ReadonlyMap<RouterId, DrainRecord> {
    return this.#drains;
  }

  /** Calls `listener` after each change of a drain, until the returned function is called. */
  onDrain(listener: (router: RouterId) => void): () => void {
    this.#drainListeners.add(listener);
    return () => this.#drainListeners.delete(listener);
  }
}

function set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
