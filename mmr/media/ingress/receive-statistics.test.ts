import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Widener } from '../rtp/serial.ts';
import { MAX_DROPOUT, ReceiveStatistics } from './receive-statistics.ts';

const CLOCK = 90_000;

/** Feeds widened sequence numbers, 20 ms apart in arrival and timestamp. */
function received(...indices: number[]): ReceiveStatistics {
  const statistics = new ReceiveStatistics(CLOCK);
  indices.forEach((index, i) => {
    statistics.update(i * 20_000, index, i * 1800);
  });
  return statistics;
}

describe('expected, lost, highest (RFC 3550 appendix A.3)', () => {
  test.each<{ in: number[]; expected: number; lost: number; highest: number }>([
    { in: [], expected: 0, lost: 0, highest: 0xffffffff },
    { in: [7], expected: 1, lost: 0, highest: 7 },
    { in: [7, 8, 9], expected: 3, lost: 0, highest: 9 },
    { in: [7, 9], expected: 3, lost: 1, highest: 9 },
    { in: [7, 9, 8], expected: 3, lost: 0, highest: 9 },
    { in: [8, 7], expected: 2, lost: 0, highest: 8 },
    { in: [0, 99], expected: 100, lost: 98, highest: 99 },
    // Wrap-around of the 16-bit number is a step of one in the widened one; the cycle stands in the upper half.
    { in: [65534, 65535, 65536, 65537], expected: 4, lost: 0, highest: 0x10001 },
    { in: [65535, 65537], expected: 3, lost: 1, highest: 0x10001 },
    { in: [65536, 65535], expected: 2, lost: 0, highest: 0x10000 },
    // 2^16 cycles later the report's 32 bits wrap as well.
    { in: [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1], expected: 3, lost: 0, highest: 1 },
    // Duplicates make the loss negative.
    { in: [5, 5, 5], expected: 1, lost: -2, highest: 5 },
    // A gap up to MAX_DROPOUT is loss, a wider one a restart of the publisher.
    { in: [1, 1 + MAX_DROPOUT], expected: 1 + MAX_DROPOUT, lost: MAX_DROPOUT - 1, highest: 1 + MAX_DROPOUT },
    { in: [1, 3, 2 + 3 + MAX_DROPOUT], expected: 4, lost: 1, highest: 5 + MAX_DROPOUT },
    { in: [1, 2, 50_000, 50_002, 100_000], expected: 6, lost: 1, highest: 100_000 },
    { in: [1, 1 + 2 ** 15], expected: 2, lost: 0, highest: 1 + 2 ** 15 },
  ])('$in', ({ in: indices, expected, lost, highest }) => {
    const statistics = received(...indices);
    expect(statistics.expected).toBe(expected);
    expect(statistics.cumulativeLost).toBe(lost);
    expect(statistics.extendedHighest).toBe(highest);
    expect(statistics.packets).toBe(indices.length);
  });

  test('cumulative lost stays within its signed 24 bits', () => {
    const statistics = new ReceiveStatistics(CLOCK);
    for (let i = 0; i < 3000; i++) statistics.update(i, i * MAX_DROPOUT, 0);
    expect(statistics.cumulativeLost).toBe(0x7fffff);
    const doubled = new ReceiveStatistics(CLOCK);
    doubled.update(0, 1, 0);
    doubled.packets = 2 ** 24;
    expect(doubled.cumulativeLost).toBe(-0x800000);
  });
});

describe('fraction lost', () => {
  test.each<{ first: number[]; after: number[]; fraction: number }>([
    { first: [], after: [], fraction: 0 },
    { first: [], after: [1, 2, 3, 4], fraction: 0 },
    { first: [], after: [1, 4], fraction: 128 },
    { first: [0, 2, 4], after: [5, 6, 7, 8], fraction: 0 },
    { first: [0, 1], after: [3, 5], fraction: 128 },
    { first: [0, 1], after: [5], fraction: 192 },
    // A late packet of the interval before gives more than was expected: no loss, not a negative one.
    { first: [0, 2], after: [1, 3], fraction: 0 },
    { first: [0], after: [2000], fraction: 255 },
    // Across the wrap-around.
    { first: [65534], after: [65536, 65538], fraction: 128 },
    // Across a restart.
    { first: [0, 1], after: [50_000, 50_002], fraction: 85 },
  ])('$first then $after', ({ first, after, fraction }) => {
    const statistics = received(...first);
    statistics.takeFractionLost();
    after.forEach((index, i) => {
      statistics.update(1e6 + i, index, 0);
    });
    expect(statistics.takeFractionLost()).toBe(fraction);
    expect(statistics.takeFractionLost()).toBe(0);
  });

  test('a report is due only after packets', () => {
    const statistics = received(1);
    expect(statistics.receivedSinceReport).toBe(true);
    statistics.takeFractionLost();
    expect(statistics.receivedSinceReport).toBe(false);
    statistics.update(0, 2, 0);
    expect(statistics.receivedSinceReport).toBe(true);
  });
});

describe('jitter (RFC 3550 appendix A.8)', () => {
  test('none when packets come as they were sent', () => {
    expect(received(1, 2, 3, 4, 5).jitter).toBe(0);
  });

  test('the first late packet adds a sixteenth of its lateness, in clock units and milliseconds', () => {
    const statistics = new ReceiveStatistics(CLOCK);
    statistics.update(0, 1, 0);
    statistics.update(36_000, 2, 1800); // 16 ms late = 1440 units
    expect(statistics.jitter).toBe(90);
    expect(statistics.jitterMs).toBe(1);
    statistics.update(40_000, 3, 3600); // back in time: the difference counts again
    expect(statistics.jitter).toBe(90 + (1440 - 90) / 16);
  });

  test('the timestamp may wrap around', () => {
    const statistics = new ReceiveStatistics(CLOCK);
    statistics.update(0, 1, 2 ** 32 - 900);
    statistics.update(20_000, 2, 900);
    expect(statistics.jitter).toBe(0);
  });

  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 5, 6 * CLOCK])('a timestamp jump of %i is no jitter', (jump) => {
    const statistics = new ReceiveStatistics(CLOCK);
    statistics.update(0, 1, 0);
    statistics.update(20_000, 2, jump);
    expect(statistics.jitter).toBe(0);
    statistics.update(40_000, 3, (jump + 1800) % 2 ** 32);
    expect(statistics.jitter).toBe(0);
  });

  test('settles near the mean difference of two random delays', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 400, maxLength: 400 }),
        (spreadMs, delays) => {
          const statistics = new ReceiveStatistics(CLOCK);
          delays.forEach((delay, i) => {
            statistics.update(i * 20_000 + delay * spreadMs * 1000, i, i * 1800);
          });
          // Never above the largest possible difference.
          expect(statistics.jitterMs).toBeGreaterThanOrEqual(0);
          expect(statistics.jitterMs).toBeLessThanOrEqual(spreadMs);
        },
      ),
      { seed: 3550, numRuns: 50 },
    );
  });
});

test('property: loss and reordering of any kind, widened from 16 bits, add up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 65535 }),
      fc.array(fc.record({ lost: fc.boolean(), swap: fc.boolean() }), { minLength: 1, maxLength: 500 }),
      (start, fates) => {
        const order: number[] = [];
        fates.forEach(({ lost, swap }, i) => {
          if (lost && i > 0 && i < fates.length - 1) return;
          order.push(start + i);
          const n = order.length;
          if (swap && n > 2) [order[n - 1], order[n - 2]] = [order[n - 2] as number, order[n - 1] as number];
        });
        const widener = new Widener();
        const statistics = new ReceiveStatistics(CLOCK);
        let lost = 0;
        let highest = 0;
        order.forEach((number, i) => {
          const wide = widener.widen(number & 0xffff);
          highest = Math.max(highest, wide);
          statistics.update(i * 20_000, wide, i * 1800);
          if (i % 50 === 49) lost += statistics.takeFractionLost();
        });
        expect(statistics.expected - statistics.packets).toBe(fates.length - order.length);
        expect(statistics.highestIndex).toBe(highest);
        expect(lost).toBeGreaterThanOrEqual(0);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});
