/** A bucket on virtual time: the real view of what a watch is told, over calls that may stay without an answer. */
import {
  ABSENT,
  type Bucket,
  type BucketEntry,
  type BucketSpec,
  type BucketWatch,
  type BucketWatcher,
  type PurgeOptions,
} from '../../../../bus/bucket.ts';
import { BucketView } from '../../../../bus/bucket-view.ts';
import type { BusObserver, DropReason } from '../../../../bus/bus-observer.ts';
import type { ClockCheck } from '../../../../bus/clock-check.ts';
import type { Kind } from '../../../../bus/envelope/envelope.ts';
import type { Unwrapped } from '../../../../bus/envelope/verifier.ts';
import { GLOBAL_ZONE, type Sender } from '../../../../bus/sender.ts';
import { checkClock, conflict, isConflict } from '../../../../bus/signed-bucket.ts';
import { keySubject } from '../../../../bus/subjects.ts';
import type { FollowReceiver, StoredValue } from '../../../../bus/transport.ts';
import { ZonecastError } from '../../../../common/errors.ts';
import type { BusServers } from './bus-servers.ts';
import { seal, toUnwrapped, unseal } from './sealed.ts';

const LOOK_AGAIN_MS = 1_000;
/** Of an unconditional delete among many writers of the key. */
const MAX_TRIES = 20;

/** What a bucket needs of its client's bus. */
export interface BucketClient {
  readonly sender: Sender;
  readonly observer: BusObserver;
  readonly clock: ClockCheck;
  wallMs(): number;
  /** Until the returned function is called. */
  each(everyMs: number, run: () => void): () => void;
  /** Runs at the servers; rejects with what it throws there, or `busUnavailable` when no answer comes. */
  call<Reply>(run: (servers: BusServers) => Reply): Promise<Reply>;
  /** Begins anew with every connection. */
  follow(bucket: string, receiver: FollowReceiver): () => void;
}

export class VirtualBucket implements Bucket {
  readonly #spec: BucketSpec;
  readonly #client: BucketClient;

  constructor(spec: BucketSpec, client: BucketClient) {
    this.#spec = spec;
    this.#client = client;
  }

  get name(): string {
    return this.#spec.name;
  }

  provision(): Promise<void> {
    return this.#client.call(() => undefined);
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    const stored = await this.#last(key);
    if (stored === undefined) return undefined;
    const opened = this.#open(stored);
    if (typeof opened === 'string') throw new ZonecastError('badRecord', `What is kept as ${key} is ${opened}.`);
    return opened.kind === 'value' ? { ...stored, ...opened } : undefined;
  }

  async list(prefix: string): Promise<readonly BucketEntry[]> {
    const all = await this.#client.call((servers) => [...servers.values(this.name)]);
    return all
      .filter(({ key }) => key.startsWith(prefix))
      .flatMap((stored) => {
        const opened = this.#open(stored);
        return typeof opened !== 'string' && opened.kind === 'value' ? [{ ...stored, ...opened }] : [];
      })
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async put(key: string, value: unknown, expected?: number): Promise<number> {
    const bytes = this.#seal('value', key, value);
    if (expected !== ABSENT) return this.#append(key, bytes, expected);
    try {
      return await this.#append(key, bytes, ABSENT);
    } catch (error) {
      if (!isConflict(error)) throw error;
      const stored = await this.#last(key);
      if (stored === undefined || !this.#isDeletion(stored)) throw error;
      return this.#append(key, bytes, stored.revision);
    }
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const stored = await this.#last(key);
      const revision = stored === undefined || this.#isDeletion(stored) ? ABSENT : stored.revision;
      if (expected !== undefined && expected !== revision) throw conflict(key);
      if (revision === ABSENT) return false;
      try {
        await this.#append(key, this.#seal('deletion', key, null), revision);
        return true;
      } catch (error) {
        if (!isConflict(error) || expected !== undefined || tries === MAX_TRIES) throw error;
      }
    }
  }

  purgeDeletions({ olderThanMs, atMost }: PurgeOptions): Promise<number> {
    const beforeMs = this.#client.wallMs() - olderThanMs;
    return this.#client.call((servers) => {
      const old = [...servers.values(this.name)].filter((stored) => {
        const opened = this.#open(stored);
        return typeof opened !== 'string' && opened.kind === 'deletion' && opened.timeMs <= beforeMs;
      });
      const purged = old.slice(0, atMost);
      for (const { key } of purged) servers.purge(this.name, key);
      return purged.length;
    });
  }

  watch(prefix: string, watcher: BucketWatcher): BucketWatch {
    const { observer } = this.#client;
    const isNeeded = (key: string): boolean => this.#spec.writerOf(key) === GLOBAL_ZONE;
    const view = new BucketView(watcher, { prefix, open: (stored) => this.#open(stored), isNeeded, observer });
    const unfollow = this.#client.follow(this.name, view);
    const stop = this.#client.each(LOOK_AGAIN_MS, () => view.lookAgain());
    return {
      close: () => {
        stop();
        view.close();
        unfollow();
      },
    };
  }

  #seal(kind: Kind, key: string, value: unknown): Uint8Array {
    const { sender, clock } = this.#client;
    checkClock(clock);
    const subject = keySubject(this.name, key);
    return Buffer.from(seal({ kind, timeMs: this.#client.wallMs(), id: '', sender, subject, value }));
  }

  #open({ bytes, key }: StoredValue): Unwrapped | DropReason {
    const writer = this.#spec.writerOf(key);
    const isAllowed = ({ zone }: Sender): boolean => writer === undefined || zone === writer;
    const opened = unseal(Buffer.from(bytes).toString(), this.#client.wallMs(), false, isAllowed);
    return typeof opened === 'string' ? opened : toUnwrapped(opened);
  }

  #isDeletion(stored: StoredValue): boolean {
    const opened = this.#open(stored);
    return typeof opened !== 'string' && opened.kind === 'deletion';
  }

  #last(key: string): Promise<StoredValue | undefined> {
    return this.#client.call((servers) => servers.last(this.name, key));
  }

  #append(key: string, bytes: Uint8Array, expected: number | undefined): Promise<number> {
    return this.#client.call((servers) => servers.append(this.name, key, bytes, expected));
  }
}
