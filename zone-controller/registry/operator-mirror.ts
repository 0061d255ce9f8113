/**
 * What operators wish, who the zone's controllers are, and which of them leads: as last seen in the registry. A copy, as
 * `ZoneMirror` is one; whoever acts on a wish or answers operators goes by it.
 */
import type { RouterId } from '../../common/ids.ts';
import type { ControllerRecord, DrainRecord, MoveWish, TunnelDrainRecord, ZoneRecords } from './records.ts';
import type { RegistryView } from './registry-view.ts';

type Listener<Id> = (id: Id) => void;

export class OperatorMirror {
  readonly #records: ZoneRecords;
  readonly #controllers = new Map<string, ControllerRecord>();
  readonly #drains = new Map<RouterId, DrainRecord>();
  readonly #tunnelDrains = new Map<string, TunnelDrainRecord>();
  readonly #moves = new Map<string, MoveWish>();
  readonly #controllerListeners = new Set<Listener<string>>();
  readonly #drainListeners = new Set<Listener<RouterId>>();
  readonly #tunnelDrainListeners = new Set<Listener<string>>();
  readonly #moveListeners = new Set<Listener<string>>();
  #leader: string | undefined;
  #views: readonly RegistryView[] = [];
  #isListed = false;

  constructor(records: ZoneRecords) {
    this.#records = records;
  }

  start(): void {
    const records = this.#records;
    this.#views = [
      records.viewControllers((name, record) => change(this.#controllers, name, record, this.#controllerListeners)),
      records.viewLeader((leader) => {
        this.#leader = leader;
      }),
      records.viewDrains((router, record) => change(this.#drains, router, record, this.#drainListeners)),
      records.viewTunnelDrains((id, record) => change(this.#tunnelDrains, id, record, this.#tunnelDrainListeners)),
      records.viewMoves((id, wish) => change(this.#moves, id, wish, this.#moveListeners)),
    ];
    void Promise.all(this.#views.map((view) => view.listed)).then(() => {
      this.#isListed = true;
    });
  }

  close(): void {
    for (const view of this.#views) view.close();
  }

  /** Whether everything was known once. */
  get isListed(): boolean {
    return this.#isListed;
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

  /** By name. */
  get tunnelDrains(): ReadonlyMap<string, TunnelDrainRecord> {
    return this.#tunnelDrains;
  }

  /** By id: `moveWishId`. */
  get moves(): ReadonlyMap<string, MoveWish> {
    return this.#moves;
  }

  /** Calls `listener` after each change of a controller, until the returned function is called. So do the others. */
  onController(listener: Listener<string>): () => void {
    return listen(this.#controllerListeners, listener);
  }

  onDrain(listener: Listener<RouterId>): () => void {
    return listen(this.#drainListeners, listener);
  }

  onTunnelDrain(listener: Listener<string>): () => void {
    return listen(this.#tunnelDrainListeners, listener);
  }

  onMove(listener: Listener<string>): () => void {
    return listen(this.#moveListeners, listener);
  }
}

function listen<Id>(listeners: Set<Listener<Id>>, listener: Listener<Id>): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change<Id, Value>(
  map: Map<Id, Value>,
  id: Id,
  value: Value | undefined,
  listeners: Iterable<Listener<Id>>,
): void {
  if (value === undefined) map.delete(id);
  else map.set(id, value);
  for (const listener of listeners) listener(id);
}
