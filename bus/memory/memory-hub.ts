/** The server between several buses of one process: who listens to what, and the buckets. Gone with the process. */
import { isMatch } from '../subjects.ts';
import type { Delivery } from '../transport.ts';
import { MemoryBucket } from './memory-bucket.ts';

export interface Listener {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly receive: (delivery: Delivery) => void;
}

/** What a bus needs of it. */
export type Hub = Pick<MemoryHub, 'isUp' | 'onChange' | 'listen' | 'publish' | 'bucket'>;

export class MemoryHub {
  readonly #listeners = new Set<Listener>();
  readonly #buckets = new Map<string, MemoryBucket>();
  readonly #stateListeners = new Set<() => void>();
  #isUp = true;
  #turn = 0;

  get isUp(): boolean {
    return this.#isUp;
  }

  /** As a server that ends or comes back: what it keeps on disk stays. */
  setUp(isUp: boolean): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    for (const listener of this.#stateListeners) listener();
  }

  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Delivers in tasks of their own, as over a network. */
  publish(subject: string, bytes: Uint8Array, reply: string | undefined): void {
    const chosen = this.#choose([...this.#listeners].filter(({ pattern }) => isMatch(pattern, subject)));
    const delivery: Delivery = { subject, reply, bytes, isNoResponder: false };
    for (const listener of chosen) this.#deliver(listener, delivery);
    if (chosen.length > 0 || reply === undefined) return;
    const none: Delivery = { subject: reply, reply: undefined, bytes: new Uint8Array(), isNoResponder: true };
    for (const listener of this.#listeners) if (isMatch(listener.pattern, reply)) this.#deliver(listener, none);
  }

  bucket(name: string): MemoryBucket {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = new MemoryBucket();
      this.#buckets.set(name, bucket);
    }
    return bucket;
  }

  #deliver(listener: Listener, delivery: Delivery): void {
    queueMicrotask(() => this.#isUp && this.#listeners.has(listener) && listener.receive(delivery));
  }

  /** All without a queue, and of each queue one, in turn. */
  #choose(listeners: readonly Listener[]): Listener[] {
    const chosen = listeners.filter(({ queue }) => queue === undefined);
    const queues = Map.groupBy(
      listeners.filter(({ queue }) => queue !== undefined),
      ({ queue }) => queue,
    );
    for (const members of queues.values()) {
      const member = members[this.#turn++ % members.length];
      if (member !== undefined) chosen.push(member);
    }
    return chosen;
  }
}
