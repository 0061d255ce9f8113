/**
 * Keys that are to exist as long as this controller does: its own record and those of the routers that are registered
 * with it. Whatever happens (the registry away, the lease lost), what is wanted is put again under the lease of the time.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { Lease, Registry } from './registry.ts';

const RETRY_MS = 500;

export interface LeasedKeysOptions {
  readonly registry: Registry;
  readonly ttlSeconds: number;
  readonly log: Logger;
}

export class LeasedKeys {
  readonly #options: LeasedKeysOptions;
  readonly #wanted = new Map<string, string>();
  /** What was put under the present lease. */
  readonly #put = new Map<string, { readonly value: string; readonly revision: number }>();
  readonly #stopping = new AbortController();
  #lease: Lease | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(options: LeasedKeysOptions) {
    this.#options = options;
  }

  /** The registry was there within the lease's time. */
  get isAlive(): boolean {
    return this.#lease?.isAlive ?? false;
  }

  start(): void {
    void this.#run();
  }

  /** From now on the key is to be there. The last controller that puts a key owns it. */
  want(key: string, value: string): void {
    this.#wanted.set(key, value);
    this.#changed.resolve();
  }

  /** It is deleted, unless another controller has put it since. */
  drop(key: string): void {
    this.#wanted.delete(key);
    this.#changed.resolve();
  }

  /** As `drop`, and at once: resolves when it is gone, or the registry has not done it. */
  async withdraw(key: string): Promise<void> {
    this.#wanted.delete(key);
    const put = this.#put.get(key);
    if (put === undefined) return;
    this.#put.delete(key);
    try {
      await this.#options.registry.delete(key, put.revision).catch(onlyConflict);
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      this.#options.log.warn({ key, err: error }, 'a key could not be taken back; it goes when its lease ends');
    }
  }

  /** Somebody has deleted the key. */
  deleted(key: string): void {
    if (this.#put.delete(key)) this.#changed.resolve();
  }

  /** The keys stay until the lease ends by itself: routers get the time to register with another controller. */
  stop(): void {
    this.#stopping.abort();
    this.#changed.resolve();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#changed = Promise.withResolvers();
      if (await this.#sync()) await Promise.race([this.#changed.promise, this.#lease?.lost]);
      else await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** False when the registry did not do what it was asked for. */
  async #sync(): Promise<boolean> {
    const { registry, ttlSeconds, log } = this.#options;
    try {
      if (!this.#lease?.isAlive) {
        this.#put.clear();
        this.#lease = await registry.lease(ttlSeconds);
      }
      for (const [key, value] of this.#wanted) {
        if (this.#isPut(key, value)) continue;
        this.#put.set(key, { value, revision: await this.#lease.put(key, value) });
      }
      for (const [key, { revision }] of this.#put) {
        if (this.#wanted.has(key)) continue;
        await registry.delete(key, revision).catch(onlyConflict);
        this.#put.delete(key);
      }
      return true;
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      if (!this.#stopping.signal.aborted) log.warn({ err: error }, 'the registry does not take what is ours');
      return false;
    }
  }

  #isPut(key: string, value: string): boolean {
    return this.#put.get(key)?.value === value;
  }
}

/** Another controller owns the key now. */
function onlyConflict(error: unknown): void {
  if (!(error instanceof ZonecastError && error.code === 'revisionConflict')) throw error;
}
