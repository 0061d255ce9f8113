/**
 * Keys with revisions that all zones may read: the directory of zones, policies. Every value and every deletion is
 * signed for its bucket and key, so that who steals a credential of the server cannot forge one.
 *
 * Every call has a deadline. One that was not answered throws `busUnavailable`; what it should have written may or may
 * not be written: read before you write again.
 */
import type { Sender } from './sender.ts';

/** The expected revision of a key that must not exist. */
export const ABSENT = 0;

export interface BucketSpec {
  /** Letters, digits, `_` and `-`. */
  readonly name: string;
  /** The zone that alone may write a key; undefined: any that we know. A value of another's is as if forged. */
  readonly writerOf: (key: string) => string | undefined;
}

export interface ProvisionOptions {
  /** Servers that keep a copy: 1, 3 or 5. */
  readonly replicas: 1 | 3 | 5;
  /** Of all values, with about 250 bytes of overhead each and for each deleted key; beyond, writes are refused. */
  readonly maxBytes: number;
}

export interface PurgeOptions {
  /** By the clock of who deleted. */
  readonly olderThanMs: number;
  /** 1 or more; there may be others then. */
  readonly atMost: number;
}

export interface BucketEntry {
  /** Tokens of letters, digits, `_`, `-`, `/` and `=`, joined by `.`; at most 160 characters. */
  readonly key: string;
  readonly value: unknown;
  /** Of the write that made this value; grows with every write to the bucket. Never 0. */
  readonly revision: number;
  readonly sender: Sender;
  /** Of the writing, by the writer's clock, milliseconds since 1970. */
  readonly timeMs: number;
}

export type BucketChange =
  | { readonly type: 'put'; readonly entry: BucketEntry }
  | { readonly type: 'delete'; readonly key: string; readonly revision: number };

export interface BucketWatcher {
  /**
   * A change, once, in order for each key. What was overwritten before it was seen is not reported: the last value
   * always is.
   */
  changed(change: BucketChange): void;
  /** All that existed when the watch began is reported. Once. */
  complete(): void;
}

export interface BucketWatch {
  /** Nothing is reported after this. */
  close(): void;
}

export interface Bucket {
  readonly name: string;
  /** Makes the bucket if it does not exist; an existing one stays as it is. For who may. */
  provision(options: ProvisionOptions): Promise<void>;
  /** Throws `badRecord` when what is there is not validly signed. */
  get(key: string): Promise<BucketEntry | undefined>;
  /** In order of keys. What is not validly signed is left out and counted. */
  list(prefix: string): Promise<readonly BucketEntry[]>;
  /**
   * Writes, and returns the new revision. With `expected`, only if the key is at that revision (ABSENT: does not
   * exist); otherwise throws `revisionConflict` and changes nothing. Throws `badMessage` when the value is too large,
   * `unauthorized` when the server refuses it.
   */
  put(key: string, value: unknown, expected?: number): Promise<number>;
  /** Deletes under the same condition; false when there was nothing to delete. */
  delete(key: string, expected?: number): Promise<boolean>;
  /**
   * Takes away what deleted keys still take up, and returns of how many. Nothing else changes: a key that is written again meanwhile
   * stays, watches go on, and several may do it at once. Reads the whole bucket. Throws `unauthorized` when the server refuses it.
   */
  purgeDeletions(options: PurgeOptions): Promise<number>;
  /**
   * Reports what exists below `prefix`, which is the beginning of the keys, then `complete`, then changes. After a loss
   * of the connection it goes on with what changed meanwhile, deletions too, whether or not anybody remembers those. All
   * keys of the bucket come here, whatever the prefix: what is read together belongs into one bucket, and only that.
   */
  watch(prefix: string, watcher: BucketWatcher): BucketWatch;
}
