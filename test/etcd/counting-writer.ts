/**
 * Counts up in one key by compare-and-swap until it is stopped, reading again after every failure. However many write
 * the same key and whatever fails, the key's history is 1, 2, 3, …: a gap or a repetition in what a watch reports is a
 * missed or doubled change.
 */
import { setImmediate } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import { ABSENT, type Registry } from '../../zone-controller/registry/registry.ts';

export class CountingWriter {
  readonly #registry: Registry;
  readonly #key: string;
  readonly #done: Promise<void>;
  #isStopped = false;
  #next = Promise.withResolvers<void>();
  /** Revision → number, of the writes that the registry acknowledged. */
  readonly acknowledged = new Map<number, number>();

  constructor(registry: Registry, key: string) {
    this.#registry = registry;
    this.#key = key;
    this.#done = this.#run();
  }

  /** Resolves with the next acknowledged write. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#countUp();
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        await setImmediate(); // a registry that is closed refuses at once
      }
    }
  }

  async #countUp(): Promise<void> {
    const found = await this.#registry.get(this.#key);
    const number = Number(found?.value ?? 0) + 1;
    const revision = await this.#registry.put(this.#key, String(number), found?.revision ?? ABSENT);
    this.acknowledged.set(revision, number);
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}
