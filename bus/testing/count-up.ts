/**
 * Counts a key up by compare-and-swap, reading again after every failure: what many count at once is the sum, or a
 * write was lost.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import { ABSENT, type Bucket } from '../bucket.ts';

export async function countUp(bucket: Bucket, key: string, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const found = await bucket.get(key);
    try {
      await bucket.put(key, Number(found?.value ?? 0) + 1, found?.revision ?? ABSENT);
      done++;
    } catch (error) {
      if (!(error instanceof ZonecastError && error.code === 'revisionConflict')) throw error;
      await pause(Math.random() * 10); // the others' turn
    }
  }
}
