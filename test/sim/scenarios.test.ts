/** Every scenario with its marks, once, with the default seed; `npm run sim -- --seeds N` runs more. */
import { describe, expect, test } from 'vitest';
import { passed } from './report/scenario.ts';
import { outcomeText } from './report/text.ts';
import { scenarios } from './scenarios/all.ts';
import { DEFAULT_SEED } from './scenarios/default-seed.ts';

const seed = numberFrom('SIM_SEED') ?? DEFAULT_SEED;

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} is not a number: ${text}`);
  return Number(text);
}

describe(`SIM_SEED=${seed}`, () => {
  test.each(scenarios)(
    '$name: $title',
    (scenario) => {
      const startMs = performance.now();
      const outcome = scenario.run(seed);
      const text = outcomeText(scenario, seed, outcome, performance.now() - startMs);
      process.stdout.write(`${text}\n`);
      expect(outcome.marks.filter((mark) => !passed(mark))).toEqual([]);
    },
    300_000,
  );
});
