/**
 * What a zone knows, as versioned keys. The interface is what etcd offers and no more, so that
 * every implementation passes one contract test (`registry-contract.ts`). docs/registry.md says what is kept here.
 *
 * Every call has a deadline. One that the registry did not answer throws ZonecastError `registryUnavailable`; what such
 * a call should have written may or may not be written: read before you write again.
 */
import type { ZonecastError } from '../../common/errors.ts';

export interface RegistryEntry {
  readonly key: string;
  readonly value: string;
  /** Of the write that made this value; grows with every write to the registry. Never 0. */
  readonly revision: number;
}

export interface RegistryList {
  /** In order of their keys' UTF-8 bytes. */
  readonly entries: readonly RegistryEntry[];
  /** The entries are those of this revision: watch from here to miss nothing. */
  readonly revision: number;
}

export type RegistryChange =
  | { readonly type: 'put'; readonly entry: RegistryEntry }
  | { readonly type: 'delete'; readonly key: string; readonly revision: number };

export interface WatchListener {
  /** A change, once, in order of revisions. */
  changed(change: RegistryChange): void;
  /** Some changes since the last one are forgotten (`revisionCompacted`). The watch is over: list again, watch anew. */
  ended(error: ZonecastError): void;
}

export interface Watch {
  /** Nothing is reported after this. */
  close(): void;
}

/** Keys that live as long as their writer: kept alive by itself until it is revoked or lost. */
export interface Lease {
  /** As granted, which may be more than was asked for. */
  readonly ttlSeconds: number;
  /** By this host's monotonic clock, false no later than the keys may be gone. Ask before acting on what you hold. */
  readonly isAlive: boolean;
  /** Resolves when the lease is over: revoked, or not renewed within its time because the registry was away. */
  readonly lost: Promise<void>;
  /** As Registry.put; the key goes with the lease, unless it is put again without it. Throws `leaseLost` too. */
  put(key: string, value: string, expected?: number): Promise<number>;
  /** Ends the lease and deletes its keys; when that fails, they go when their time is over. */
  revoke(): Promise<void>;
}

/** The expected revision of a key that must not exist. */
export const ABSENT = 0;

/** A watch that is further behind may be ended: to list is cheaper than to replay. */
export const MAX_REVISIONS_BEHIND = 10_000;

export interface Registry {
  get(key: string): Promise<RegistryEntry | undefined>;
  /** What exists below `prefix`, which is the beginning of the keys. */
  list(prefix: string): Promise<RegistryList>;
  /**
   * Writes, and returns the new revision. With `expected`, only if the key is at that revision (ABSENT: does not
   * exist); otherwise throws ZonecastError `revisionConflict` and changes nothing.
   */
  put(key: string, value: string, expected?: number): Promise<number>;
  /** Deletes under the same condition; false when there was nothing to delete. */
  delete(key: string, expected?: number): Promise<boolean>;
  /** A lease for at least 2 s after each renewal. Below 10 s, one member of etcd that is stopped may cost it. */
  lease(ttlSeconds: number): Promise<Lease>;
  /** Reports every change below `prefix` after revision `since`, which a list, get or put gave. */
  watch(prefix: string, since: number, listener: WatchListener): Watch;
  /** Ends watches, and stops keeping leases alive. */
  close(): Promise<void>;
}

export function keyOf(change: RegistryChange): string {
  return change.type === 'put' ? change.entry.key : change.key;
}

export function revisionOf(change: RegistryChange): number {
  return change.type === 'put' ? change.entry.revision : change.revision;
}
