/**
 * Runs simulated zones with faults (docs/zone-repair.md): `node test/sim/zone/main.ts --seeds 1000`, or one of them again
 * with everything that happens: `node test/sim/zone/main.ts --seed 17 --trace`.
 *
 * Exit codes: 0 all is well, 1 something is not, 2 unusable arguments.
 */
import { parseArgs } from 'node:util';
import { Violation } from './zone-invariants.ts';
import { ZoneSimulation } from './zone-simulation.ts';

const HELP = `usage: node test/sim/zone/main.ts [--seed N [--trace]] [--seeds N]

  --seed N    the first seed (default 1)
  --seeds N   how many, one after another (default 1)
  --trace     prints what happens
`;

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} takes a whole number, not '${text}'`);
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const first = whole('seed', values.seed);
  const count = whole('seeds', values.seeds);
  const print = (line: string): boolean => process.stdout.write(`${line}\n`);
  const startMs = performance.now();
  let [failed, writes, joins] = [0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    try {
      const outcome = await new ZoneSimulation(seed, values.trace ? print : undefined).run();
      writes += outcome.writes;
      joins += outcome.joins;
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      failed++;
      print(`seed ${seed}: ${error.message}`);
    }
  }
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  print(`${count} zones in ${seconds} s, ${failed} failed; ${writes} placements written, ${joins} joins`);
  if (failed > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n\n${HELP}`);
  process.exitCode = 2;
});
