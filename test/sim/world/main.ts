/**
 * Runs simulated worlds of several zones with faults (docs/zones.md): `node test/sim/world/main.ts --seeds 1000`, or one of them again with
 * everything that happens: `node test/sim/world/main.ts --seed 17 --trace`. `--scale` runs a day of a large provider instead.
 *
 * Exit codes: 0 all is well, 1 something is not, 2 unusable arguments.
 */
import { parseArgs } from 'node:util';
import { FAULTS, type FaultKind, isFault } from './faults.ts';
import { scaleReport } from './scale/scale-report.ts';
import { Violation } from './violation.ts';
import { WorldSimulation } from './world-simulation.ts';

const MOST_ZONES = 18;
const HELP = `usage: node test/sim/world/main.ts [--seed N [--trace]] [--seeds N] [--zones N] [--faults KINDS]
       node test/sim/world/main.ts --scale [--seed N] [--sample N]

  --seed N        the first seed (default 1)
  --seeds N       how many, one after another (default 1)
  --zones N       2 to ${MOST_ZONES} (default: drawn, 3 to 5)
  --faults KINDS  only these, with commas: ${FAULTS.join(' ')}; or none
  --trace         prints what happens
  --scale         a day of 300 million people in 18 zones, as a report in Markdown
  --sample N      one meeting of so many is run (default 2000)
`;

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} takes a whole number, not '${text}'`);
}

function zonesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const zones = whole('zones', text);
  if (zones < 2 || zones > MOST_ZONES) throw new Error(`--zones takes 2 to ${MOST_ZONES}`);
  return zones;
}

function faultsOf(text: string | undefined): readonly FaultKind[] {
  if (text === undefined) return FAULTS;
  const names = text === 'none' ? [] : text.split(',');
  return names.map((name) => {
    if (!isFault(name)) throw new Error(`--faults: '${name}' is none of ${FAULTS.join(' ')}`);
    return name;
  });
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      zones: { type: 'string' },
      faults: { type: 'string' },
      trace: { type: 'boolean', default: false },
      scale: { type: 'boolean', default: false },
      sample: { type: 'string', default: '2000' },
      help: { type: 'boolean', default: false },
    },
  });
  const print = (line: string): boolean => process.stdout.write(`${line}\n`);
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const first = whole('seed', values.seed);
  if (values.scale) {
    print(scaleReport(first, whole('sample', values.sample)));
    return;
  }
  const count = whole('seeds', values.seeds);
  const options = { zones: zonesOf(values.zones), faults: faultsOf(values.faults) };
  const startMs = performance.now();
  let [failed, writes, joins] = [0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    try {
      const trace = values.trace ? print : undefined;
      const outcome = await new WorldSimulation({ ...options, seed, trace }).run();
      writes += outcome.writes;
      joins += outcome.joins;
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      failed++;
      print(`seed ${seed}: ${error.message}`);
    }
  }
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  print(`${count} worlds in ${seconds} s, ${failed} failed; ${writes} homes and trees written, ${joins} joins`);
  if (failed > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n\n${HELP}`);
  process.exitCode = 2;
});
