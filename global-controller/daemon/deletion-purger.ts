/**
 * Takes away, bucket by bucket and now and then, what keys still take up that were deleted long ago: else meetings that are over would
 * fill the buckets. Each instance does it for itself, at times of its own; several at once do no harm.
 */
import type { BucketSpec } from '../../bus/bucket.ts';
import type { Bus } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';

/**
 * Deletions are kept for so long. No watch needs them longer: it reads all that is there at least once an hour (docs/bus.md), and what is
 * not there any more it takes for deleted. Nor do the servers: a killed one may forget its last minutes, and with a deletion that is
 * purged at once the value before it could come back.
 */
export const DELETIONS_KEPT_MS = 2 * 3_600_000;
/** Between rounds; each pause is between half of this and half as much again. Each round reads all buckets. */
const ROUND_MS = 3_600_000;
/** The same when there was more in a bucket than one round takes. */
const MORE_MS = 60_000;
/** Of one bucket in a round: some 2 s with nats-server 2.9. */
const MAX_PURGED = 10_000;

export interface DeletionPurgerCounts {
  /** Deletions. */
  readonly purged: number;
  /** Buckets that could not be read or purged to the end. */
  readonly failures: number;
}

export interface DeletionPurgerOptions {
  readonly bus: Bus;
  /** All there are now. */
  readonly buckets: () => readonly BucketSpec[];
  /** 0 ≤ result < 1 */
  readonly random: () => number;
  readonly log: Logger;
  readonly maxPurged?: number;
}

export class DeletionPurger {
  readonly #options: DeletionPurgerOptions;
  readonly #counts = { purged: 0, failures: 0 };
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: DeletionPurgerOptions) {
    this.#options = options;
  }

  get counts(): DeletionPurgerCounts {
    return { ...this.#counts };
  }

  start(): void {
    // What is full is to be mended soon.
    this.#later(MORE_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** One round. Returns whether there may be more to do at once. Never rejects. */
  async run(): Promise<boolean> {
    const { bus, buckets } = this.#options;
    let isMore = false;
    for (const bucket of buckets()) {
      if (bus.state !== 'connected') return true;
      if (await this.#purge(bucket)) isMore = true;
    }
    return isMore;
  }

  #later(pauseMs: number): void {
    this.#timer = setTimeout(
      () => {
        void this.run().then((isMore) => {
          if (!this.#isStopped) this.#later(isMore ? MORE_MS : ROUND_MS);
        });
      },
      pauseMs * (0.5 + this.#options.random()),
    );
  }

  async #purge(bucket: BucketSpec): Promise<boolean> {
    const { bus, log, maxPurged: atMost = MAX_PURGED } = this.#options;
    try {
      const purged = await bus.bucket(bucket).purgeDeletions({ olderThanMs: DELETIONS_KEPT_MS, atMost });
      this.#counts.purged += purged;
      if (purged > 0) log.info({ bucket: bucket.name, purged }, 'deletions are purged');
      return purged === atMost;
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      if (this.#isStopped) return false;
      this.#counts.failures++;
      log.warn({ bucket: bucket.name, err: error }, 'deletions could not be purged');
      return false;
    }
  }
}
