/** The servers of the bus, as one: who listens to what, and the last value of each key of each bucket. */
import { ABSENT } from '../../../../bus/bucket.ts';
import { conflict } from '../../../../bus/signed-bucket.ts';
import { isMatch } from '../../../../bus/subjects.ts';
import type { FollowReceiver, StoredValue } from '../../../../bus/transport.ts';
import type { BusLine } from './bus-line.ts';

export interface Listener {
  readonly pattern: string;
  readonly line: BusLine;
  readonly receive: (subject: string, bytes: string) => void;
}

/** Told of every write that was taken. */
export type WriteObserver = (bucket: string, stored: StoredValue) => void;

interface ServedBucket {
  readonly values: Map<string, StoredValue>;
  readonly followers: Map<FollowReceiver, BusLine>;
  revision: number;
}

export class BusServers {
  isUp = true;
  /** A planted bug: writes to this bucket are taken whatever they expect. */
  swapsBlindly: string | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #buckets = new Map<string, ServedBucket>();
  readonly #observe: WriteObserver;

  constructor(observe: WriteObserver) {
    this.#observe = observe;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  listeners(subject: string): Listener[] {
    return [...this.#listeners].filter(({ pattern, line }) => line.isConnected && isMatch(pattern, subject));
  }

  last(bucket: string, key: string): StoredValue | undefined {
    return this.#bucket(bucket).values.get(key);
  }

  values(bucket: string): Iterable<StoredValue> {
    return this.#bucket(bucket).values.values();
  }

  /** As if there had never been anything of the key. Nobody is told. */
  purge(bucket: string, key: string): void {
    this.#bucket(bucket).values.delete(key);
  }

  append(bucket: string, key: string, bytes: Uint8Array, expected: number | undefined): number {
    const served = this.#bucket(bucket);
    const last = served.values.get(key)?.revision ?? ABSENT;
    if (expected !== undefined && expected !== last && this.swapsBlindly !== bucket) throw conflict(key);
    const revision = ++served.revision;
    const value: StoredValue = { key, revision, stamp: String(revision), bytes };
    served.values.set(key, value);
    for (const [receiver, line] of served.followers) line.toClient(() => receiver.value(value));
    this.#observe(bucket, value);
    return revision;
  }

  /** All that is there, then what changes, until the returned function is called. */
  follow(bucket: string, line: BusLine, receiver: FollowReceiver): () => void {
    const served = this.#bucket(bucket);
    const values = [...served.values.values()].sort((a, b) => a.revision - b.revision);
    served.followers.set(receiver, line);
    line.toClient(() => {
      receiver.begin(true);
      for (const value of values) receiver.value(value);
      receiver.complete();
    });
    return () => void served.followers.delete(receiver);
  }

  #bucket(name: string): ServedBucket {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = { values: new Map(), followers: new Map(), revision: 0 };
      this.#buckets.set(name, bucket);
    }
    return bucket;
  }
}
