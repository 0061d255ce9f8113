/** A watch on a bucket that tells of what fits its schema. What does not is logged, counted, and as if it were not there. */
import type { z } from 'zod';
import type { BucketEntry, BucketSpec } from '../../bus/bucket.ts';
import type { Bus } from '../../bus/bus.ts';
import type { Logger } from '../../common/log.ts';

export interface RecordWatch<Value> {
  readonly bucket: BucketSpec;
  readonly schema: z.ZodType<Value>;
  put(key: string, value: Value, entry: BucketEntry): void;
  gone(key: string): void;
  /** All that was there at the beginning has been told. */
  complete?(): void;
}

export interface WatchedRecords {
  /** All that was there at the beginning has been told. */
  readonly isComplete: boolean;
  readonly malformed: number;
  close(): void;
}

export function watchRecords<Value>(
  bus: Bus,
  { bucket, schema, put, gone, complete }: RecordWatch<Value>,
  log: Logger,
): WatchedRecords {
  let isComplete = false;
  let malformed = 0;
  const watch = bus.bucket(bucket).watch('', {
    changed: (change) => {
      if (change.type === 'delete') return gone(change.key);
      const result = schema.safeParse(change.entry.value);
      if (result.success) return put(change.entry.key, result.data, change.entry);
      malformed++;
      log.warn({ bucket: bucket.name, key: change.entry.key }, 'a record cannot be read');
      gone(change.entry.key);
    },
    complete: () => {
      isComplete = true;
      complete?.();
    },
  });
  return {
    get isComplete() {
      return isComplete;
    },
    get malformed() {
      return malformed;
    },
    close: () => watch.close(),
  };
}
