import { expect, test } from 'vitest';
import { AckedBitrate } from './acked-bitrate.ts';

/** Packets of 1000 bytes each `stepUs`. */
function feed(rate: AckedBitrate, fromUs: number, toUs: number, stepUs: number): void {
  for (let atUs = fromUs; atUs < toUs; atUs += stepUs) rate.add(atUs, 1000);
}

test('tells no rate before it has seen 150 ms', () => {
  const rate = new AckedBitrate();
  feed(rate, 0, 140_000, 10_000);
  expect(rate.bps).toBeNaN();
  feed(rate, 140_000, 200_000, 10_000);
  expect(rate.bps).toBeGreaterThan(0);
});

test('is right for an even stream, wherever the clock stands', () => {
  for (const startUs of [0, 5e9 + 123, -3e6]) {
    const rate = new AckedBitrate();
    feed(rate, startUs, startUs + 2e6, 10_000);
    expect(rate.bps / 800_000).toBeCloseTo(1, 1);
    expect(rate.quickBps / 800_000).toBeCloseTo(1, 0);
  }
});

test('the quick rate follows a fall at once, the other within half a second', () => {
  const rate = new AckedBitrate();
  feed(rate, 0, 1e6, 2_000);
  feed(rate, 1e6, 1.2e6, 20_000);
  expect(rate.quickBps).toBeLessThan(600_000);
  expect(rate.bps).toBeGreaterThan(1e6);
  feed(rate, 1.2e6, 1.7e6, 20_000);
  expect(rate.bps / 400_000).toBeCloseTo(1, 0);
});

test('what was before a surge can be forgotten', () => {
  const rate = new AckedBitrate();
  feed(rate, 0, 1e6, 2_000);
  rate.forgetBefore(1e6);
  expect(rate.bps).toBeNaN();
  feed(rate, 1e6, 1.4e6, 20_000);
  expect(rate.bps / 400_000).toBeCloseTo(1, 0);
});

test('packets older than the window count for nothing', () => {
  const rate = new AckedBitrate();
  feed(rate, 10e6, 11e6, 10_000);
  const before = rate.bps;
  rate.add(9e6, 1_000_000);
  expect(rate.bps).toBe(before);
});
