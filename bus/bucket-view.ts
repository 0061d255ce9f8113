/**
 * What a watch knows of a bucket, and the difference to what it is told: each time the store begins anew, all that is
 * there comes again, and only what is new is reported. So a watch misses no key's last value and no deletion, whether
 * or not anybody remembers what happened meanwhile.
 */
import type { BucketWatcher } from './bucket.ts';
import type { BusObserver, DropReason } from './bus-observer.ts';
import { MAX_SKEW_MS, type Unwrapped } from './envelope/verifier.ts';
import type { FollowReceiver, StoredValue } from './transport.ts';

interface Known {
  /** 0 when revisions have begun anew since. */
  readonly revision: number;
  readonly stamp: string;
  /** By the writer's clock. */
  readonly timeMs: number;
  readonly isDeleted: boolean;
}

export interface BucketViewOptions {
  readonly prefix: string;
  readonly open: (stored: StoredValue) => Unwrapped | DropReason;
  readonly observer: BusObserver;
}

export class BucketView implements FollowReceiver {
  readonly #watcher: BucketWatcher;
  readonly #options: BucketViewOptions;
  /** Deletions too: bounded by the bucket, which keeps them as well. */
  readonly #known = new Map<string, Known>();
  /** Keys that were told since the last beginning; undefined when that is complete. */
  #seen: Set<string> | undefined;
  #isComplete = false;
  #isClosed = false;

  constructor(watcher: BucketWatcher, options: BucketViewOptions) {
    this.#watcher = watcher;
    this.#options = options;
  }

  begin(isContinued: boolean): void {
    this.#seen = new Set();
    if (isContinued) return;
    for (const [key, known] of this.#known) this.#known.set(key, { ...known, revision: 0 });
  }

  value(stored: StoredValue): void {
    const { key, revision, stamp } = stored;
    if (this.#isClosed || !key.startsWith(this.#options.prefix)) return;
    this.#seen?.add(key);
    const known = this.#known.get(key);
    if (known !== undefined && (revision < known.revision || stamp === known.stamp)) return;
    const opened = this.#options.open(stored);
    if (typeof opened === 'string') this.#options.observer.dropped(opened);
    else if (known !== undefined && opened.timeMs < known.timeMs - MAX_SKEW_MS) {
      this.#options.observer.dropped('rolledBack');
    } else this.#take(stored, opened, known);
  }

  complete(): void {
    if (this.#isClosed) return;
    for (const [key, { revision, isDeleted }] of this.#known) {
      if (this.#seen?.has(key) !== false) continue;
      this.#known.delete(key);
      if (!isDeleted) this.#delete(key, revision);
    }
    this.#seen = undefined;
    if (!this.#isComplete && !this.#isClosed) this.#watcher.complete();
    this.#isComplete = true;
  }

  close(): void {
    this.#isClosed = true;
  }

  #take({ key, revision, stamp }: StoredValue, opened: Unwrapped, before: Known | undefined): void {
    const { timeMs, sender, value } = opened;
    const isDeleted = opened.kind === 'deletion';
    this.#known.set(key, { revision, stamp, timeMs, isDeleted });
    if (!isDeleted) this.#watcher.changed({ type: 'put', entry: { key, value, revision, sender, timeMs } });
    else if (before?.isDeleted === false) this.#delete(key, revision);
  }

  #delete(key: string, revision: number): void {
    if (!this.#isClosed) this.#watcher.changed({ type: 'delete', key, revision });
  }
}
