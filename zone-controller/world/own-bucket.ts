/**
 * A bucket that only this zone writes, kept as it should be. Level-triggered: each key is compared with what is there now, so that nothing
 * depends on what was written when, by whom of the zone's controllers, or whether the bus was there. Only the leader has one.
 */
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { BucketSpec } from '../../bus/bucket.ts';
import type { Bus } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import { inParallel } from '../../common/in-parallel.ts';
import type { Logger } from '../../common/log.ts';
import { type WatchedRecords, watchRecords } from '../../global-controller/mirror/watch-records.ts';
import { withMeeting } from '../../global-controller/mirror/world-records.ts';
import { Runs } from './runs.ts';
import type { WorldCounts, Written } from './world-counts.ts';

/** Writes at a time: the bus orders those of a bucket one after another. */
const MAX_WRITES = 16;

/** The key may stay as it is. */
export const AS_IT_IS = Symbol('as it is');

export interface OwnBucketOptions<Value> {
  readonly bus: Bus;
  readonly bucket: BucketSpec;
  readonly kind: Written;
  readonly schema: z.ZodType<Value>;
  /** What the key should hold; undefined: nothing. `known`: what it holds. */
  readonly wanted: (meeting: MeetingId, known: Value | undefined) => Value | undefined | typeof AS_IT_IS;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  readonly counts: WorldCounts;
  readonly log: Logger;
}

export class OwnBucket<Value> {
  readonly #options: OwnBucketOptions<Value>;
  readonly #known = new Map<MeetingId, Value>();
  /** To be looked at. */
  readonly #marked = new Set<MeetingId>();
  readonly #watch: WatchedRecords;
  readonly #runs = new Runs(() => this.#run());

  constructor(options: OwnBucketOptions<Value>) {
    this.#options = options;
    const { bus, bucket, schema, log } = options;
    const changed = (key: string, value: Value | undefined): void =>
      withMeeting(key, (meeting) => {
        this.#set(meeting, value);
        this.#marked.add(meeting);
      });
    const watch = { bucket, schema, put: changed, gone: (key: string) => changed(key, undefined) };
    this.#watch = watchRecords(bus, watch, log);
  }

  /** Of these, or all that are there, something has changed. */
  mark(meetings: Iterable<MeetingId>): void {
    for (const meeting of meetings) this.#marked.add(meeting);
  }

  markKnown(): void {
    this.mark(this.#known.keys());
  }

  /** Writes what is not as it should be; what fails is done in the next run. Never rejects. */
  run(): Promise<void> {
    return this.#runs.run();
  }

  close(): void {
    this.#watch.close();
  }

  async #run(): Promise<void> {
    const { bus, bucket, kind, counts, log } = this.#options;
    if (!this.#watch.isComplete || bus.state !== 'connected') return;
    const marked = [...this.#marked];
    try {
      await inParallel(marked, MAX_WRITES, (meeting) => this.#settle(meeting));
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      counts.failures[kind]++;
      log.warn({ bucket: bucket.name, err: error }, 'other zones cannot be told now');
    }
  }

  async #settle(meeting: MeetingId): Promise<void> {
    const { bus, bucket, kind, wanted, mayWrite, counts } = this.#options;
    if (!mayWrite()) return;
    this.#marked.delete(meeting);
    const known = this.#known.get(meeting);
    const next = wanted(meeting, known);
    if (next === AS_IT_IS || isDeepStrictEqual(next, known)) return;
    try {
      if (next === undefined) await bus.bucket(bucket).delete(meeting);
      else await bus.bucket(bucket).put(meeting, next);
    } catch (error) {
      this.#marked.add(meeting);
      throw error;
    }
    this.#set(meeting, next);
    counts.written[kind]++;
  }

  #set(meeting: MeetingId, value: Value | undefined): void {
    if (value === undefined) this.#known.delete(meeting);
    else this.#known.set(meeting, value);
  }
}
