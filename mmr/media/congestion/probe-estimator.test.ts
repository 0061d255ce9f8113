import { expect, test } from 'vitest';
import { ProbeEstimator } from './probe-estimator.ts';

/** A probe of 20 packets of 500 bytes, sent one a ms (4 Mb/s), of which `arrived` arrive one in `serviceMs`. */
function result(serviceMs: number, arrived = 20, long = false): number {
  const estimator = new ProbeEstimator();
  estimator.expect(0, 10_000, 0, long);
  for (let i = 0; i < arrived; i++) estimator.add(i * 1000, 5e9 + i * serviceMs * 1000, 500, 0);
  return estimator.takeResult();
}

test('proves the rate at which it was sent, when it arrives as fast', () => {
  expect(result(1)).toBeCloseTo(4e6, -5);
});

test('proves a little less than what arrives, when that is less', () => {
  expect(result(2)).toBeCloseTo(0.95 * 2e6, -5);
});

test('says nothing when it arrived much faster than it was sent, or only in part', () => {
  expect(result(0.3)).toBeNaN();
  expect(result(1, 15)).toBeNaN();
  expect(result(1, 17)).not.toBeNaN();
});

test('a long one has to arrive nearly whole', () => {
  expect(result(1, 18, true)).toBeNaN();
  expect(result(1, 20, true)).toBeCloseTo(4e6, -5);
});

test('packets of others between its own count, those before it do not; a result is told once', () => {
  const estimator = new ProbeEstimator();
  estimator.expect(3, 5_000, 0, false);
  estimator.add(0, 0, 1500, -1);
  for (let i = 1; i <= 10; i++) {
    estimator.add(i * 2000, i * 2000, 500, 3);
    estimator.add(i * 2000 + 1000, i * 2000 + 1000, 500, -1);
  }
  expect(estimator.takeResult()).toBeCloseTo(4e6, -6);
  expect(estimator.takeResult()).toBeNaN();
});
