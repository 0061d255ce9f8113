/**
 * What a zone knows, as versioned keys. The interface is what etcd offers and no more, so that
 * every implementation passes one contract test (`registry-contract.ts`).
 */

export interface RegistryEntry {
  readonly key: string;
  readonly value: string;
  /** Of the write that made this value; grows with every write to the registry. Never 0. */
  readonly revision: number;
}

export type RegistryChange =
  | { readonly type: 'put'; readonly entry: RegistryEntry }
  | { readonly type: 'delete'; readonly key: string; readonly revision: number };

export interface Watch {
  /** No change is reported after this. */
  close(): void;
}

/** The expected revision of a key that must not exist. */
export const ABSENT = 0;

export interface Registry {
  get(key: string): Promise<RegistryEntry | undefined>;
  /** Entries whose key starts with `prefix`, in order of their keys. */
  list(prefix: string): Promise<readonly RegistryEntry[]>;
  /**
   * Writes, and returns the new revision. With `expected`, only if the key is at that revision (ABSENT: does not
   * exist); otherwise throws ZonecastError `revisionConflict` and changes nothing.
   */
  put(key: string, value: string, expected?: number): Promise<number>;
  /** Deletes under the same condition; false when there was nothing to delete. */
  delete(key: string, expected?: number): Promise<boolean>;
  /**
   * Reports every change of keys below `prefix`, each once and in order of revisions, from now on, or from the one
   * after `sinceRevision`. Throws ZonecastError `revisionConflict` when changes that far back are forgotten.
   */
  watch(prefix: string, listener: (change: RegistryChange) => void, sinceRevision?: number): Watch;
  close(): Promise<void>;
}
