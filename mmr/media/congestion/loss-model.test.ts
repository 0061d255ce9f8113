import { expect, test } from 'vitest';
import { averageLoss, fitLoss } from './loss-model.ts';
import { LossObservations } from './loss-observations.ts';

/** Stretches of 100 packets, the newest first: [rate in Mb/s, packets lost]. */
function observed(...stretches: readonly (readonly [number, number])[]): LossObservations {
  const observations = new LossObservations();
  for (const [i, [megabits, lost]] of stretches.entries()) {
    observations.rateBps[i] = megabits * 1e6;
    observations.packets[i] = 100;
    observations.lost[i] = lost;
  }
  observations.count = stretches.length;
  return observations;
}

function score(observations: LossObservations, capacityBps: number): number {
  const fit = { score: 0, inherent: 0 };
  fitLoss(observations, capacityBps, 0.1, fit);
  return fit.score;
}

test('equal loss at different rates is inherent', () => {
  const observations = observed([1, 5], [2, 5], [1.5, 5], [3, 5]);
  expect(score(observations, Number.POSITIVE_INFINITY)).toBeGreaterThan(score(observations, 1.5e6));
});

test('loss that grows with the rate is a capacity', () => {
  const observations = observed([1, 0], [2, 50], [1.5, 33], [1, 0]);
  expect(score(observations, 1e6)).toBeGreaterThan(score(observations, Number.POSITIVE_INFINITY) + 2);
  expect(score(observations, 1e6)).toBeGreaterThan(score(observations, 1.8e6));
});

test('newer stretches count for more in the average', () => {
  expect(averageLoss(observed([1, 0], [1, 20]))).toBeLessThan(0.1);
  expect(averageLoss(observed([1, 20], [1, 0]))).toBeGreaterThan(0.1);
  expect(averageLoss(new LossObservations())).toBe(0);
});
