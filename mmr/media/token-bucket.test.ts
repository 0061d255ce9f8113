import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('token bucket', () => {
  test('starts full, refuses beyond, refills with time up to its depth', () => {
    const bucket = new TokenBucket(1000, 10);
    expect(bucket.take(0, 10)).toBe(true);
    expect(bucket.take(0, 1)).toBe(false);
    expect(bucket.take(1000, 1)).toBe(true);
    expect(bucket.take(1000, 1)).toBe(false);
    expect(bucket.take(60_000_000, 11)).toBe(false);
    expect(bucket.take(60_000_000, 10)).toBe(true);
  });

  test('a refused packet costs nothing', () => {
    const bucket = new TokenBucket(1000, 10);
    expect(bucket.take(0, 11)).toBe(false);
    expect(bucket.take(0, 10)).toBe(true);
  });

  test('time that runs back gives no tokens', () => {
    const bucket = new TokenBucket(1e6, 10);
    bucket.take(1_000_000, 10);
    expect(bucket.take(0, 1)).toBe(false);
    expect(bucket.take(1_000_000, 1)).toBe(false);
  });

  test('nor does it take any', () => {
    const bucket = new TokenBucket(1e6, 10);
    bucket.take(1_000_000, 5);
    expect(bucket.take(0, 5)).toBe(true);
  });

  test('property: never lets through more than depth + rate × time', () => {
    const step = fc.record({ afterUs: fc.integer({ min: 0, max: 5000 }), cost: fc.integer({ min: 1, max: 1500 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const bucket = new TokenBucket(100_000, 3000);
        let nowUs = 0;
        let passed = 0;
        for (const { afterUs, cost } of steps) {
          nowUs += afterUs;
          if (bucket.take(nowUs, cost)) passed += cost;
        }
        expect(passed).toBeLessThanOrEqual(3000 + nowUs / 10 + 1e-6);
      }),
      { seed: 2 },
    );
  });
});
