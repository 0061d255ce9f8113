import { expect, test } from 'vitest';
import { LossExperiment } from './loss-experiment.ts';

/** 30 % was lost at 1 Mb/s. */
function begun(): LossExperiment {
  const experiment = new LossExperiment(60_000);
  experiment.begin(1e6, 0.3);
  return experiment;
}

test('loss that stays at a lower rate is proved inherent, and credible for 20 s', () => {
  const experiment = begun();
  expect(experiment.observe(0, 7e5, 0.3)).toBe(false);
  expect(experiment.observe(1, 7e5, 0.29)).toBe(true);
  expect(experiment.usual).toBeGreaterThan(0.3);
  experiment.observe(21e6, 7e5, 0.3);
  expect(experiment.proved).toBe(false);
});

test('loss that vanishes is not', () => {
  const experiment = begun();
  experiment.observe(0, 7e5, 0);
  expect(experiment.observe(1, 7e5, 0.01)).toBe(false);
  expect(experiment.proved).toBe(false);
});

test('nor is one that has become worse', () => {
  const experiment = begun();
  experiment.observe(0, 7e5, 0.6);
  expect(experiment.observe(1, 7e5, 0.6)).toBe(false);
});

test('a rate that is hardly lower tells nothing; the goal is low enough', () => {
  const experiment = begun();
  for (let i = 0; i < 10; i++) expect(experiment.observe(i, 9.8e5, 0.3)).toBe(false);
  const { goalBps } = experiment;
  expect(goalBps).toBeLessThan(9e5);
  experiment.observe(11, goalBps, 0.3);
  expect(experiment.observe(12, goalBps, 0.3)).toBe(true);
});

test('one that was abandoned proves nothing, and the next begins where we are then', () => {
  const experiment = begun();
  experiment.abandon();
  for (let i = 0; i < 3; i++) expect(experiment.observe(i, 7e5, 0.3)).toBe(false);
  experiment.begin(2e6, 0.3);
  expect(experiment.goalBps).toBeGreaterThan(14e5);
});

test('at the minimum it cannot go lower, and judges there', () => {
  const experiment = new LossExperiment(60_000);
  experiment.begin(62_000, 0.3);
  experiment.observe(0, 62_000, 0.32);
  expect(experiment.observe(1, 62_000, 0.32)).toBe(true);
});
