import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Violation } from './zone-invariants.ts';
import { ZoneSimulation } from './zone-simulation.ts';

/** As many zones as fit into this, and never fewer than these: they are to find something on a slow machine, too. */
const BUDGET_MS = 25_000;
const AT_LEAST = 200;
const MOST = 3_000;
const FIRST_SEED = 1;

async function outcomeOf(seed: number, trace?: (line: string) => void) {
  try {
    return await new ZoneSimulation(seed, trace).run();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Error(`node test/sim/zone/main.ts --seed ${seed} --trace\n${error.message}`);
  }
}

test('zones in which everything fails are as they should be soon afterwards, and nothing is left when all have gone', async () => {
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
  const zones = seed - FIRST_SEED;
  expect(kinds.size).toBe(14);
  expect(writes).toBeGreaterThan(zones * 4);
  expect(joins).toBeGreaterThan(zones * 8);
}, 120_000);

test('a seed gives the same zone again, and another seed another one', async () => {
  const traceOf = async (seed: number): Promise<string> => {
    const lines: string[] = [];
    await outcomeOf(seed, (line) => lines.push(line));
    return lines.join('\n');
  };
  const first = await traceOf(7);
  expect(await traceOf(7)).toBe(first);
  expect(await traceOf(8)).not.toBe(first);
});

test('the command runs one seed with its trace, and refuses what it does not understand', () => {
  const main = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { encoding: 'utf8' });
  const { status, stdout } = main('--seed', '3', '--trace');
  expect(status).toBe(0);
  expect(stdout).toContain('faults end');
  expect(stdout).toMatch(/1 zones in [\d.]+ s, 0 failed/);
  expect(main('--seed', 'any')).toMatchObject({ status: 2, stderr: expect.stringContaining('--seed takes') });
});
