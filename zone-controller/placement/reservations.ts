/**
 * What was promised to one worker and does not show in its load reports yet. A promise counts until the report that is
 * taken some time after it, so that a burst of joins within one second is spread as if the reports were instant. Of
 * people who are known to have come, the very next report shows that they are there: they are not counted twice. Pure.
 */
import type { Demand } from './meeting-cost.ts';

/** A report shows packets averaged over its last second; media starts about half a second after the join. */
const SHOWS_AFTER_MS = 2_000;
/** A promise that nobody kept (the client went away before its media started). */
export const EXPIRES_MS = 5_000;
/** Granularity of the sums below. */
const BUCKET_MS = 100;

export class Reservations {
  /** By the time of the promise rounded up, oldest first; so their number is bounded by EXPIRES_MS / BUCKET_MS. */
  readonly #buckets: { atMs: number; participants: number; packetsPerSecond: number }[] = [];
  /** People who have come since the last report. */
  #arrived = 0;

  add(nowMs: number, demand: Demand): void {
    const atMs = bucketAt(nowMs);
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.atMs >= atMs) {
      last.participants += demand.participants;
      last.packetsPerSecond += demand.packetsPerSecond;
    } else {
      this.#buckets.push({ atMs, participants: demand.participants, packetsPerSecond: demand.packetsPerSecond });
    }
    this.#drop(nowMs - EXPIRES_MS);
  }

  /** Whether what was promised at that time counts still. */
  has(promisedMs: number): boolean {
    return this.#bucket(promisedMs) !== undefined;
  }

  /** Part of what was promised at that time is not needed. Nothing happens when it does not count any more. */
  giveBack(promisedMs: number, { participants, packetsPerSecond }: Demand): void {
    const bucket = this.#bucket(promisedMs);
    if (bucket === undefined) return;
    bucket.participants -= participants;
    bucket.packetsPerSecond -= packetsPerSecond;
  }

  /** Somebody for whom there was a promise at that time is at the worker now; his media is not there yet. */
  arrived(promisedMs: number): void {
    const bucket = this.#bucket(promisedMs);
    if (bucket === undefined) return;
    bucket.participants--;
    this.#arrived++;
  }

  /** A load report arrived. */
  reported(nowMs: number): void {
    this.#arrived = 0;
    this.#drop(nowMs - SHOWS_AFTER_MS);
  }

  sum(nowMs: number): Demand {
    this.#drop(nowMs - EXPIRES_MS);
    let participants = this.#arrived;
    let packetsPerSecond = 0;
    for (const bucket of this.#buckets) {
      participants += bucket.participants;
      packetsPerSecond += bucket.packetsPerSecond;
    }
    return { participants, packetsPerSecond };
  }

  #bucket(promisedMs: number) {
    const atMs = bucketAt(promisedMs);
    return this.#buckets.findLast((bucket) => bucket.atMs === atMs);
  }

  #drop(untilMs: number): void {
    while (this.#buckets[0] !== undefined && this.#buckets[0].atMs <= untilMs) this.#buckets.shift();
  }
}

function bucketAt(nowMs: number): number {
  return Math.ceil(nowMs / BUCKET_MS) * BUCKET_MS;
}
