import { expect, test } from 'vitest';
import { SeedTests, sum } from '../common/seed-tests.ts';
import { ZONE_FAULTS } from './zone-faults.ts';
import { ZoneSimulation } from './zone-simulation.ts';

/** Enough for each kind of fault to come in many mixtures; main.ts runs more. */
const SEEDS = 250;

const zones = new SeedTests(import.meta.dirname, (seed, print) => new ZoneSimulation(seed, print).run());

test('zones in which everything fails are as they should be soon afterwards, and nothing is left when all have gone', async () => {
  const outcomes = await zones.outcomes(SEEDS);
  const kinds = new Set(outcomes.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...kinds].toSorted()).toEqual(ZONE_FAULTS.toSorted());
  expect(sum(outcomes, 'writes')).toBeGreaterThan(SEEDS * 4);
  expect(sum(outcomes, 'joins')).toBeGreaterThan(SEEDS * 8);
}, 300_000);

test('a seed gives the same zone again, and another seed another one', async () => {
  const first = await zones.trace(7);
  expect(await zones.trace(7)).toBe(first);
  expect(await zones.trace(8)).not.toBe(first);
}, 300_000);

test('the command runs one seed with its trace, and refuses what it does not understand', () => {
  const { status, stdout } = zones.command('--seed', '3', '--trace');
  expect(status).toBe(0);
  expect(stdout).toContain('faults end');
  expect(stdout).toMatch(/1 zones in [\d.]+ s, 0 failed/);
  expect(zones.command('--seed', 'any')).toMatchObject({ status: 2, stderr: expect.stringContaining('--seed takes') });
}, 300_000);
