/**
 * `npm run sim`: runs the network scenarios on virtual time, prints how they fared, and draws them on request
 * (docs/simulation.md says how to read the plots).
 *
 * Exit codes: 0 every mark was met, 1 a mark was missed, 2 unusable arguments.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments, wholeNumber } from '../command/arguments.ts';
import { plot } from './report/plot.ts';
import { passed, type Scenario } from './report/scenario.ts';
import { outcomeText } from './report/text.ts';
import { scenarios } from './scenarios/all.ts';
import { DEFAULT_SEED } from './scenarios/default-seed.ts';

const HELP = `usage: npm run sim -- [options]

  --scenario NAME   only scenarios whose name contains NAME; may be given several times
  --seed N          seed of everything random, 0..4294967295 (default ${DEFAULT_SEED})
  --seeds N         run each scenario with N seeds, from --seed on (default 1)
  --report DIR      write a plot of each scenario (DIR/NAME.svg) and the results (DIR/results.txt)
  --list            name the scenarios and end
  --help            this text
`;

interface Options {
  readonly chosen: readonly Scenario[];
  readonly seed: number;
  readonly seeds: number;
  readonly report: string | undefined;
  readonly list: boolean;
}

function chosenOf(wanted: readonly string[]): readonly Scenario[] {
  const chosen = scenarios.filter(({ name }) => wanted.some((part) => name.includes(part)));
  if (chosen.length === 0) throw new Error(`no scenario is named like '${wanted.join("' or '")}'; --list names them`);
  return chosen;
}

/** Returns how many marks were missed. */
function run(options: Options): number {
  const texts: string[] = [];
  let missed = 0;
  if (options.report !== undefined) mkdirSync(options.report, { recursive: true });
  for (const scenario of options.chosen) {
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      const startMs = performance.now();
      const outcome = scenario.run(seed);
      const text = outcomeText(scenario, seed, outcome, performance.now() - startMs);
      process.stdout.write(`${text}\n`);
      texts.push(text);
      missed += outcome.marks.filter((mark) => !passed(mark)).length;
      if (options.report === undefined) continue;
      const file = options.seeds === 1 ? `${scenario.name}.svg` : `${scenario.name}-${seed}.svg`;
      writeFileSync(join(options.report, file), plot(scenario, seed, outcome));
    }
  }
  if (options.report !== undefined) writeFileSync(join(options.report, 'results.txt'), `${texts.join('\n')}\n`);
  process.stdout.write(missed === 0 ? 'every mark was met\n' : `${missed} marks were missed\n`);
  return missed;
}

const options = readArguments(
  HELP,
  {
    scenario: { type: 'string', multiple: true, default: [''] },
    seed: { type: 'string', default: String(DEFAULT_SEED) },
    seeds: { type: 'string', default: '1' },
    report: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
  ({ scenario, seed, seeds, report, list }) => ({
    chosen: chosenOf(scenario),
    seed: wholeNumber('seed', seed),
    seeds: wholeNumber('seeds', seeds, 1),
    report,
    list,
  }),
);
if (options.list) {
  for (const { name, title } of options.chosen) process.stdout.write(`${name.padEnd(28)}${title}\n`);
} else {
  process.exitCode = run(options) === 0 ? 0 : 1;
}
