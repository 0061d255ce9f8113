/**
 * Counts a key up by compare-and-swap until it is stopped, reading again after every failure. Whatever fails, the key's
 * history is 1, 2, 3, …: what a watch reports must grow, and what was acknowledged must not be lost.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import { ABSENT, type Bucket } from '../bucket.ts';

export class CountingWriter {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #done: Promise<void>;
  #isStopped = false;
  #next = Promise.withResolvers<void>();
  /** The highest number whose write was acknowledged. */
  acknowledged = 0;

  constructor(bucket: Bucket, key: string) {
    this.#bucket = bucket;
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
        await pause(20); // a bus that is away refuses at once
      }
    }
  }

  async #countUp(): Promise<void> {
    const found = await this.#bucket.get(this.#key);
    const number = Number(found?.value ?? 0) + 1;
    await this.#bucket.put(this.#key, number, found?.revision ?? ABSENT);
    this.acknowledged = number;
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}
