/**
 * Every scenario with its marks, once, with the default seed, and those of the plain sender, which take a fraction of a second,
 * with some more; `npm run sim -- --seeds N` runs others.
 */
import { describe, expect, test } from 'vitest';
import { passed, type Scenario } from './report/scenario.ts';
import { outcomeText } from './report/text.ts';
import { scenarios } from './scenarios/all.ts';
import { DEFAULT_SEED } from './scenarios/default-seed.ts';
import { impairedSenderScenarios } from './scenarios/impaired-sender.ts';
import { rfc8867Scenarios } from './scenarios/rfc8867.ts';

/** Seeds after the first for the plain sender: one seed hides what goes wrong in a third of all runs. */
const FURTHER_SEEDS = 7;

const seed = numberFrom('SIM_SEED') ?? DEFAULT_SEED;

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} is not a number: ${text}`);
  return Number(text);
}

/** The marks that were missed, each with its seed. */
function missed(scenario: Scenario, seeds: readonly number[]): unknown[] {
  return seeds.flatMap((each) => {
    const startMs = performance.now();
    const outcome = scenario.run(each);
    process.stdout.write(`${outcomeText(scenario, each, outcome, performance.now() - startMs)}\n`);
    return outcome.marks.filter((mark) => !passed(mark)).map((mark) => ({ seed: each, ...mark }));
  });
}

describe(`SIM_SEED=${seed}`, () => {
  test.each(scenarios)('$name: $title', (scenario) => expect(missed(scenario, [seed])).toEqual([]), 300_000);
});

describe(`SIM_SEED=${seed}, and ${FURTHER_SEEDS} after it`, () => {
  const seeds = Array.from({ length: FURTHER_SEEDS }, (_, i) => seed + 1 + i);
  test.each([...rfc8867Scenarios, ...impairedSenderScenarios])(
    '$name: $title',
    (scenario) => expect(missed(scenario, seeds)).toEqual([]),
    300_000,
  );
});
