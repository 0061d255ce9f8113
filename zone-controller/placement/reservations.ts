/**
 * What was promised to one worker and does not show in its load reports yet. A promise counts until the report that is
 * taken some time after it, so that a burst of joins within one second is spread as if the reports were instant. Pure.
 */
import type { Demand } from './meeting-cost.ts';

/** A report shows packets averaged over its last second; media starts about half a second after the join. */
const SHOWS_AFTER_MS = 2_000;
/** A promise that nobody kept (the client went away before its media started). */
const EXPIRES_MS = 5_000;
/** Granularity of the sums below. */
const BUCKET_MS = 100;

export class Reservations {
  /** By the time of the promise rounded up, oldest first; so their number is bounded by EXPIRES_MS / BUCKET_MS. */
  readonly #buckets: { atMs: number; participants: number; packetsPerSecond: number }[] = [];

  /** A negative demand takes back what was promised at the same time. */
  add(nowMs: number, demand: Demand): void {
    const atMs = Math.ceil(nowMs / BUCKET_MS) * BUCKET_MS;
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.atMs >= atMs) {
      last.participants += demand.participants;
      last.packetsPerSecond += demand.packetsPerSecond;
    } else {
      this.#buckets.push({ atMs, participants: demand.participants, packetsPerSecond: demand.packetsPerSecond });
    }
    this.#drop(nowMs - EXPIRES_MS);
  }

  /** A load report arrived. */
  reported(nowMs: number): void {
    this.#drop(nowMs - SHOWS_AFTER_MS);
  }

  sum(nowMs: number): Demand {
    this.#drop(nowMs - EXPIRES_MS);
    let participants = 0;
    let packetsPerSecond = 0;
    for (const bucket of this.#buckets) {
      participants += bucket.participants;
      packetsPerSecond += bucket.packetsPerSecond;
    }
    return { participants, packetsPerSecond };
  }

  #drop(untilMs: number): void {
    while (this.#buckets[0] !== undefined && this.#buckets[0].atMs <= untilMs) this.#buckets.shift();
  }
}
