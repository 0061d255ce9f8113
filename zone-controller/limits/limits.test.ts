import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyedLimiter } from './keyed-limiter.ts';
import { TokenBucket } from './token-bucket.ts';

const SEED = 20_26;

describe('token bucket', () => {
  test('never gives more than burst + rate × time, and gives again after the wait that it names', () => {
    const steps = fc.array(fc.record({ afterMs: fc.nat(2_000), cost: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 5, max: 20 }), fc.integer({ min: 1, max: 50 }), (all, burst, perSecond) => {
        const bucket = new TokenBucket({ burst, perSecond }, 0);
        let nowMs = 0;
        let taken = 0;
        for (const { afterMs, cost } of all) {
          nowMs += afterMs;
          const waitMs = bucket.take(nowMs, cost);
          if (waitMs === 0) taken += cost;
          else expect(bucket.waitMs(nowMs + waitMs, cost)).toBe(0);
          expect(taken).toBeLessThanOrEqual(burst + (nowMs / 1000) * perSecond + 1e-6);
        }
      }),
      { seed: SEED },
    );
  });

  test('a clock that goes back gives nothing away', () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, 10_000);
    expect(bucket.take(10_000)).toBe(0);
    expect(bucket.take(0)).toBe(1_000);
    expect(bucket.take(10_500)).toBe(500);
    expect(bucket.take(11_000)).toBe(0);
  });

  test('a cost above the burst never comes', () => {
    expect(new TokenBucket({ burst: 2, perSecond: 1 }, 0).take(0, 3)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('keyed limiter', () => {
  test('keys do not spend each other’s tokens', () => {
    const limiter = new KeyedLimiter({ burst: 1, perSecond: 1 });
    expect(limiter.take(0, 'a')).toBe(0);
    expect(limiter.take(0, 'a')).toBe(1_000);
    expect(limiter.take(0, 'b')).toBe(0);
    expect(limiter.waitMs(0, 'c')).toBe(0);
  });

  test('forgets keys that are full again before it forgets others, and never holds more than its capacity', () => {
    const limiter = new KeyedLimiter({ burst: 1, perSecond: 1 }, 3);
    for (const key of ['a', 'b', 'c']) limiter.take(0, key);
    limiter.take(0, 'd');
    expect([limiter.size, limiter.evictions]).toEqual([3, 1]);
    limiter.take(5_000, 'e');
    expect(limiter.evictions).toBe(1);
    for (let index = 0; index < 1_000; index++) limiter.take(5_000, `key ${index}`);
    expect(limiter.size).toBe(3);
  });
});
