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
  /**
   * Whether the view is not complete without this key's last value, even if that is from the future. undefined: none is so
   * important that whoever writes it may keep all from being complete.
   */
  readonly isNeeded?: (key: string) => boolean;
}

export class BucketView implements FollowReceiver {
  readonly #watcher: BucketWatcher;
  readonly #options: BucketViewOptions;
  /** Deletions too: bounded by the bucket, which keeps them as well. */
  readonly #known = new Map<string, Known>();
  /** Keys that were told since the last beginning; undefined when that is complete. */
  #seen: Set<string> | undefined;
  /** Everything has been told once; what was from the future may be missing. */
  #isToldOnce = false;
  #isComplete = false;
  #isClosed = false;
  /** Keys whose last value is from the future: the writer's clock is wrong, or ours is. */
  readonly #early = new Map<string, StoredValue>();

  constructor(watcher: BucketWatcher, options: BucketViewOptions) {
    this.#watcher = watcher;
    this.#options = options;
  }

  begin(isContinued: boolean): void {
    this.#seen = new Set();
    this.#early.clear();
    if (isContinued) return;
    for (const [key, known] of this.#known) this.#known.set(key, { ...known, revision: 0 });
  }

  value(stored: StoredValue): void {
    this.#judge(stored, this.#options.observer);
  }

  /**
   * Judges again the values whose time was in the future. Call it now and then: as time passes they become valid, and the store
   * does not report them a second time.
   */
  lookAgain(): void {
    for (const stored of [...this.#early.values()]) this.#judge(stored, undefined);
    this.#completeIfSo();
  }

  complete(): void {
    if (this.#isClosed) return;
    for (const [key, { revision, isDeleted }] of this.#known) {
      if (this.#seen?.has(key) !== false) continue;
      this.#known.delete(key);
      if (!isDeleted) this.#delete(key, revision);
    }
    this.#seen = undefined;
    this.#isToldOnce = true;
    this.#completeIfSo();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** `observer`: counts what is dropped, the first time. */
  #judge(stored: StoredValue, observer: BusObserver | undefined): void {
    const { key, revision, stamp } = stored;
    if (this.#isClosed || !key.startsWith(this.#options.prefix)) return;
    this.#seen?.add(key);
    const known = this.#known.get(key);
    if (known !== undefined && (revision < known.revision || stamp === known.stamp)) return;
    const opened = this.#options.open(stored);
    if (opened === 'stale') this.#early.set(key, stored);
    else this.#early.delete(key);
    if (typeof opened === 'string') observer?.dropped(opened);
    else if (known !== undefined && opened.timeMs < known.timeMs - MAX_SKEW_MS) {
      observer?.dropped('rolledBack');
    } else this.#take(stored, opened, known);
  }

  #completeIfSo(): void {
    if (this.#isComplete || this.#isClosed || !this.#isToldOnce) return;
    const { isNeeded = () => false } = this.#options;
    if ([...this.#early.keys()].some(isNeeded)) return;
    this.#isComplete = true;
    this.#watcher.complete();
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
