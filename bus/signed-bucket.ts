/** A bucket over any store: every value and deletion is signed for its key, and read only if that holds. */
import { ZonecastError } from '../common/errors.ts';
import { inParallel } from '../common/in-parallel.ts';
import {
  ABSENT,
  type Bucket,
  type BucketEntry,
  type BucketSpec,
  type BucketWatch,
  type BucketWatcher,
  type ProvisionOptions,
  type PurgeOptions,
} from './bucket.ts';
import { BucketView } from './bucket-view.ts';
import type { BusObserver, DropReason } from './bus-observer.ts';
import type { ClockCheck } from './clock-check.ts';
import { decodeEnvelope } from './envelope/envelope.ts';
import type { Signer } from './envelope/signer.ts';
import type { Unwrapped, Verifier } from './envelope/verifier.ts';
import { GLOBAL_ZONE } from './sender.ts';
import { isBucketName, isKey, keySubject } from './subjects.ts';
import type { FollowReceiver, Store, StoredValue } from './transport.ts';

const LIST_TIMEOUT_MS = 10_000;
/** The largest buckets may be some GiB, and nobody waits for this. */
const PURGE_LIST_TIMEOUT_MS = 120_000;
/** At a time: others want to write meanwhile. */
const MAX_PURGES = 4;
/** Between looks at what was from the future. */
const LOOK_AGAIN_MS = 1_000;
/** Of a write that does not say what it replaces, among many writers of the key. */
const MAX_TRIES = 20;

export interface SignedBucketParts {
  readonly store: Store;
  readonly signer: Signer;
  readonly clock: ClockCheck;
  readonly verifier: Verifier;
  readonly observer: BusObserver;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Makes a `close` that is called, too, when the bus is closed. */
  readonly closer: (close: () => void) => () => void;
}

export class SignedBucket implements Bucket {
  readonly #spec: BucketSpec;
  readonly #parts: SignedBucketParts;

  constructor(spec: BucketSpec, parts: SignedBucketParts) {
    if (!isBucketName(spec.name)) throw new RangeError(`"${spec.name}" is no bucket`);
    this.#spec = spec;
    this.#parts = parts;
  }

  get name(): string {
    return this.#spec.name;
  }

  provision(options: ProvisionOptions): Promise<void> {
    return this.#parts.store.provision(options);
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    const last = await this.#last(key);
    return last?.opened.kind === 'value' ? toEntry(last.stored, last.opened) : undefined;
  }

  async list(prefix: string): Promise<readonly BucketEntry[]> {
    const entries = new Map<string, BucketEntry>();
    await this.#readAll(LIST_TIMEOUT_MS, {
      begin: () => entries.clear(),
      value: (stored) => {
        const opened = stored.key.startsWith(prefix) ? this.#openOrCount(stored) : undefined;
        if (opened?.kind === 'value') entries.set(stored.key, toEntry(stored, opened));
        else entries.delete(stored.key);
      },
    });
    return [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async put(key: string, value: unknown, expected?: number): Promise<number> {
    const subject = this.#subject(key);
    checkClock(this.#parts.clock);
    const bytes = this.#parts.signer.wrap('value', subject, value);
    return expected === ABSENT ? this.#create(key, bytes) : this.#parts.store.append(key, bytes, expected, false);
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    const subject = this.#subject(key);
    for (let tries = 1; ; tries++) {
      const stored = await this.#parts.store.last(key);
      const revision = stored === undefined || this.#isDeletion(stored) ? ABSENT : stored.revision;
      if (expected !== undefined && expected !== revision) throw conflict(key);
      if (revision === ABSENT) return false;
      checkClock(this.#parts.clock);
      const bytes = this.#parts.signer.wrap('deletion', subject, null);
      try {
        await this.#parts.store.append(key, bytes, revision, true);
        return true;
      } catch (error) {
        if (!isConflict(error) || expected !== undefined || tries === MAX_TRIES) throw error;
      }
    }
  }

  async purgeDeletions({ olderThanMs, atMost }: PurgeOptions): Promise<number> {
    checkClock(this.#parts.clock);
    const { store, nowMs } = this.#parts;
    const beforeMs = nowMs() - olderThanMs;
    const revisions = new Map<string, number>();
    await this.#readAll(PURGE_LIST_TIMEOUT_MS, {
      begin: () => revisions.clear(),
      value: (stored) => {
        const isOld = revisions.size < atMost && wasDeletedBefore(stored, beforeMs) && this.#isDeletion(stored);
        if (isOld) revisions.set(stored.key, stored.revision);
        else revisions.delete(stored.key);
      },
    });
    let purged = 0;
    await inParallel(revisions, MAX_PURGES, async ([key, revision]) => {
      // A long list takes a while: the bucket may have been made anew.
      const last = await store.last(key);
      const isSame = last?.revision === revision && wasDeletedBefore(last, beforeMs);
      if (isSame && (await store.purge(key, revision))) purged++;
    });
    return purged;
  }

  watch(prefix: string, watcher: BucketWatcher): BucketWatch {
    const open = (stored: StoredValue): Unwrapped | DropReason => this.#open(stored);
    // What the global controller says is what all go by; no zone can be in the way of that.
    const isNeeded = (key: string): boolean => this.#spec.writerOf(key) === GLOBAL_ZONE;
    const view = new BucketView(watcher, { prefix, open, isNeeded, observer: this.#parts.observer });
    const followed = this.#parts.store.follow(view);
    const timer = setInterval(() => view.lookAgain(), LOOK_AGAIN_MS).unref();
    const close = this.#parts.closer(() => {
      clearInterval(timer);
      view.close();
      followed.close();
    });
    return { close };
  }

  /** Writes a key that does not exist; whether its deletion is still known makes no difference, nor that it is forgotten meanwhile. */
  async #create(key: string, bytes: Uint8Array): Promise<number> {
    const { store } = this.#parts;
    for (let tries = 1, expected = ABSENT; ; tries++) {
      try {
        return await store.append(key, bytes, expected, false);
      } catch (error) {
        if (!isConflict(error) || tries === MAX_TRIES) throw error;
        const stored = await store.last(key);
        if (stored !== undefined && !this.#isDeletion(stored)) throw error;
        expected = stored?.revision ?? ABSENT;
      }
    }
  }

  /** All that is there, once. @throws ZonecastError `busUnavailable` */
  async #readAll(timeoutMs: number, receiver: Omit<FollowReceiver, 'complete'>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const followed = this.#parts.store.follow({ ...receiver, complete: resolve });
    const giveUp = (): void => reject(new ZonecastError('busUnavailable', `The bucket ${this.name} cannot be listed.`));
    const close = this.#parts.closer(() => {
      followed.close();
      giveUp();
    });
    const timer = setTimeout(giveUp, timeoutMs);
    await promise.finally(() => {
      clearTimeout(timer);
      close();
    });
  }

  /** The last value or deletion of a key. */
  async #last(key: string): Promise<{ readonly stored: StoredValue; readonly opened: Unwrapped } | undefined> {
    this.#subject(key);
    const stored = await this.#parts.store.last(key);
    const opened = stored && this.#openOrCount(stored);
    if (stored === undefined) return undefined;
    if (opened === undefined) throw new ZonecastError('badRecord', `What is kept as ${key} is not validly signed.`);
    return { stored, opened };
  }

  /** What is forged is none: it is there, and may be replaced or deleted. */
  #isDeletion(stored: StoredValue): boolean {
    const opened = this.#open(stored);
    return typeof opened !== 'string' && opened.kind === 'deletion';
  }

  #openOrCount(stored: StoredValue): Unwrapped | undefined {
    const opened = this.#open(stored);
    if (typeof opened !== 'string') return opened;
    this.#parts.observer.dropped(opened);
    return undefined;
  }

  #open({ key, bytes }: StoredValue): Unwrapped | DropReason {
    if (!isKey(key)) return 'malformed';
    const writer = this.#spec.writerOf(key);
    return this.#parts.verifier.unwrap(bytes, {
      subject: keySubject(this.name, key),
      kinds: ['value', 'deletion'],
      isAllowed: ({ zone }) => writer === undefined || zone === writer,
      isFresh: false,
    });
  }

  #subject(key: string): string {
    if (!isKey(key)) throw new RangeError(`"${key}" is no key`);
    return keySubject(this.name, key);
  }
}

function toEntry({ key, revision }: StoredValue, { value, sender, timeMs }: Unwrapped): BucketEntry {
  return { key, value, revision, sender, timeMs };
}

/** As it says itself: nothing is proved of it yet. */
function wasDeletedBefore({ bytes }: StoredValue, timeMs: number): boolean {
  const envelope = decodeEnvelope(bytes);
  return typeof envelope !== 'string' && envelope.kind === 'deletion' && envelope.timeMs <= timeMs;
}

/** @throws ZonecastError `busUnavailable` when nobody would believe what is signed now */
export function checkClock({ isTrusted }: ClockCheck): void {
  if (!isTrusted) throw new ZonecastError('busUnavailable', 'Our clock was set, or others do not agree with it.');
}

export function conflict(key: string): ZonecastError {
  return new ZonecastError('revisionConflict', `${key} was changed by another.`);
}

export function isConflict(error: unknown): boolean {
  return error instanceof ZonecastError && error.code === 'revisionConflict';
}
