import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decisionCost } from './decision-cost.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import type { Tally } from './tally.ts';

const SMALL: SimulationOptions = {
  seed: 4,
  routers: 60,
  workers: 3,
  meetings: 3_000,
  largest: 1_000,
  rampMs: 60_000,
  steadyMs: 90_000,
  afterLossMs: 20_000,
  lostShare: 0.05,
};

function run(changes: Partial<SimulationOptions> = {}): Tally {
  return new Simulation({ ...SMALL, ...changes }).run();
}

describe('a simulated zone', { timeout: 300_000 }, () => {
  test('of meetings as they are: nobody is overloaded or refused, trees grow and shrink, all come back after a loss', () => {
    const outcome = run();
    expect(outcome.overloads).toBe(0);
    expect(outcome.refusedMeetings).toBe(0);
    const refused = Object.values(outcome.refusals).reduce((sum, count) => sum + count, 0);
    // Promises of a burst count twice until they are older than what a report shows.
    expect(refused).toBeLessThan(outcome.joining.decisions * 0.003);
    expect(outcome.growing.decisions).toBeGreaterThan(0);
    // As little as is needed: one meeting in fifty has more than fifty people.
    expect(outcome.growing.decisions).toBeLessThan(SMALL.meetings * 0.06);
    expect(outcome.shrinks).toBeGreaterThan(0);
    expect(outcome.rerooted).toBeGreaterThan(50);
    expect(outcome.recoveredMs).toBeLessThan(10_000);
  });

  test('of small meetings: all workers are loaded alike', () => {
    const { balances, growing } = run({ workers: 1, largest: 10, lostShare: 0, afterLossMs: 0 });
    const begun = balances[0];
    expect((begun?.p99 ?? 9) / (begun?.mean ?? 1)).toBeLessThan(1.3);
    expect((begun?.max ?? 9) / (begun?.mean ?? 1)).toBeLessThan(1.4);
    expect(growing.decisions).toBe(0);
  });

  test('that has twice the meetings it can carry refuses, and overloads nobody for long', () => {
    const outcome = run({ routers: 10, meetings: 3_000, lostShare: 0, afterLossMs: 0, steadyMs: 30_000 });
    expect(outcome.refusedMeetings).toBeGreaterThan(0);
    expect(outcome.overloads).toBe(0);
  });

  test('runs the same again from the same seed, and otherwise from another', () => {
    const short = { meetings: 600, rampMs: 20_000, steadyMs: 10_000 };
    const first = JSON.stringify(run(short));
    expect(JSON.stringify(run(short))).toBe(first);
    expect(JSON.stringify(run({ ...short, seed: 5 }))).not.toBe(first);
  });
});

test('a decision takes as many steps among 10 000 routers as among 10', { timeout: 300_000 }, () => {
  const [few, many] = [10, 10_000].map((routers) => decisionCost(routers, 800, 1, () => 0));
  expect(few?.maxSteps).toBeLessThan(15);
  expect(many?.maxSteps).toBeLessThan(15);
  expect(many?.steps).toBeLessThan((few?.steps ?? 0) * 1.2);
});

test('the command prints what came of it, and refuses what it does not understand', { timeout: 300_000 }, () => {
  const main = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { encoding: 'utf8' });
  const { status, stdout } = main('--routers', '5', '--meetings', '50');
  expect(status).toBe(0);
  expect(stdout).toContain('5 routers of 3 workers, 50 meetings, seed 1');
  expect(stdout).toMatch(/place a join +\d+ × +[\d.]+ µs/);
  expect(main('--routers', 'many')).toMatchObject({ status: 2, stderr: expect.stringContaining('--routers takes') });
});
