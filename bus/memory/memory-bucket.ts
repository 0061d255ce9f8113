/** The last value of each key of one bucket, and who follows them. */
import { setImmediate } from 'node:timers/promises';
import { ABSENT } from '../bucket.ts';
import { conflict } from '../signed-bucket.ts';
import type { FollowReceiver, StoredValue } from '../transport.ts';

export class MemoryBucket {
  readonly #values = new Map<string, StoredValue>();
  readonly #followers = new Set<FollowReceiver>();
  #revision = 0;

  last(key: string): StoredValue | undefined {
    return this.#values.get(key);
  }

  append(key: string, bytes: Uint8Array, expected: number | undefined): number {
    const last = this.#values.get(key)?.revision ?? ABSENT;
    if (expected !== undefined && expected !== last) throw conflict(key);
    const revision = ++this.#revision;
    const value: StoredValue = { key, revision, stamp: String(revision), bytes };
    this.#values.set(key, value);
    for (const follower of this.#followers) {
      queueMicrotask(() => this.#followers.has(follower) && follower.value(value));
    }
    return revision;
  }

  /** As Store.purge. */
  purge(key: string, revision: number): boolean {
    return this.#values.get(key)?.revision === revision && this.#values.delete(key);
  }

  /** Tells all that is there, in order of revisions, and then what changes, until the returned function is called. */
  follow(receiver: FollowReceiver): () => void {
    let isOver = false;
    void setImmediate().then(() => !isOver && this.#begin(receiver)); // later, as over a network
    return () => {
      isOver = true;
      this.#followers.delete(receiver);
    };
  }

  #begin(receiver: FollowReceiver): void {
    this.#followers.add(receiver);
    const values = [...this.#values.values()].sort((a, b) => a.revision - b.revision);
    receiver.begin(true);
    for (const value of values) receiver.value(value);
    receiver.complete();
  }
}
