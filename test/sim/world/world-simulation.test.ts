import { expect, test } from 'vitest';
import { SeedTests, sum } from '../common/seed-tests.ts';
import { WORLD_FAULTS } from './world-faults.ts';
import { WorldSimulation } from './world-simulation.ts';

/** Enough for each kind of fault to come in several mixtures; main.ts runs more. */
const SEEDS = 30;

const worlds = new SeedTests(import.meta.dirname, (seed, trace) => new WorldSimulation({ seed, trace }).run());

test('worlds in which everything fails are as they should be soon afterwards, and nothing is left when all have gone', async () => {
  const outcomes = await worlds.outcomes(SEEDS);
  const kinds = new Set(outcomes.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...kinds].toSorted()).toEqual(WORLD_FAULTS.toSorted());
  expect(sum(outcomes, 'writes')).toBeGreaterThan(SEEDS * 8);
  expect(sum(outcomes, 'joins')).toBeGreaterThan(SEEDS * 10);
}, 300_000);

test('a seed gives the same world again, and another seed another one', async () => {
  const first = await worlds.trace(7);
  expect(await worlds.trace(7)).toBe(first);
  expect(await worlds.trace(8)).not.toBe(first);
}, 300_000);

test('the command runs one seed with its trace, or a day at scale, and refuses what it does not understand', () => {
  const { status, stdout } = worlds.command('--seed', '3', '--zones', '4', '--faults', 'zoneLost,busGone', '--trace');
  expect(status).toBe(0);
  expect(stdout).toContain('faults end');
  expect(stdout).toMatch(/1 worlds in [\d.]+ s, 0 failed/);
  expect(worlds.command('--scale', '--sample', '200000').stdout).toContain('along the tree');
  expect(worlds.command('--seed', 'any')).toMatchObject({ status: 2, stderr: expect.stringContaining('--seed takes') });
  expect(worlds.command('--faults', 'rain')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("'rain' is none of"),
  });
  expect(worlds.command('--zones', '1')).toMatchObject({ status: 2, stderr: expect.stringContaining('2 to 18') });
}, 300_000);
