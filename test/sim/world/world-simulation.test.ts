import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FAULTS } from './faults.ts';
import { Violation } from './violation.ts';
import { WorldSimulation } from './world-simulation.ts';

/** As many worlds as fit into this, and never fewer than these: they are to find something on a slow machine, too. */
const BUDGET_MS = 15_000;
const AT_LEAST = 40;
const MOST = 400;
const FIRST_SEED = 1;

async function outcomeOf(seed: number, trace?: (line: string) => void) {
  try {
    return await new WorldSimulation({ seed, trace }).run();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Error(`node test/sim/world/main.ts --seed ${seed} --trace\n${error.message}`);
  }
}

test('worlds in which everything fails are as they should be soon afterwards, and nothing is left when all have gone', async () => {
  const startMs = performance.now();
  const kinds = new Set<string>();
  let [seed, writes, joins] = [FIRST_SEED, 0, 0];
  for (; seed < FIRST_SEED + MOST; seed++) {
    if (seed >= FIRST_SEED + AT_LEAST && performance.now() - startMs > BUDGET_MS) break;
    const outcome = await outcomeOf(seed);
    for (const { kind } of outcome.faults) kinds.add(kind);
    writes += outcome.writes;
    joins += outcome.joins;
    await breathe();
  }
  const worlds = seed - FIRST_SEED;
  expect(kinds.size).toBe(FAULTS.length);
  expect(writes).toBeGreaterThan(worlds * 8);
  expect(joins).toBeGreaterThan(worlds * 10);
}, 180_000);

test('a seed gives the same world again, and another seed another one', async () => {
  const traceOf = async (seed: number): Promise<string> => {
    const lines: string[] = [];
    await outcomeOf(seed, (line) => lines.push(line));
    return lines.join('\n');
  };
  const first = await traceOf(7);
  expect(await traceOf(7)).toBe(first);
  expect(await traceOf(8)).not.toBe(first);
});

test('the command runs one seed with its trace, or a day at scale, and refuses what it does not understand', () => {
  const main = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { encoding: 'utf8' });
  const { status, stdout } = main('--seed', '3', '--zones', '4', '--faults', 'zoneLost,busGone', '--trace');
  expect(status).toBe(0);
  expect(stdout).toContain('faults end');
  expect(stdout).toMatch(/1 worlds in [\d.]+ s, 0 failed/);
  expect(main('--scale', '--sample', '200000').stdout).toContain('along the tree');
  expect(main('--seed', 'any')).toMatchObject({ status: 2, stderr: expect.stringContaining('--seed takes') });
  expect(main('--faults', 'rain')).toMatchObject({ status: 2, stderr: expect.stringContaining("'rain' is none of") });
  expect(main('--zones', '1')).toMatchObject({ status: 2, stderr: expect.stringContaining('2 to 18') });
});
