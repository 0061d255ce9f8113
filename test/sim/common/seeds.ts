/** Runs of a simulation, each from a seed that gives the same run again. */
import { wholeNumber } from '../../command/arguments.ts';
import type { Print } from './sim-journal.ts';
import { Violation } from './violation.ts';

export interface Seeds {
  readonly first: number;
  readonly count: number;
  /** What happens is printed. */
  readonly trace: boolean;
}

/** Of parseArgs. */
export const SEED_OPTIONS = {
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string', default: '1' },
  trace: { type: 'boolean', default: false },
} as const;

export function readSeeds({ seed, seeds, trace }: { seed: string; seeds: string; trace: boolean }): Seeds {
  return { first: wholeNumber('seed', seed), count: wholeNumber('seeds', seeds, 1), trace };
}

export interface Counts {
  readonly writes: number;
  readonly joins: number;
}

export type Run<Outcome extends Counts> = (seed: number, print?: Print) => Promise<Outcome>;

/** One after another; what is wrong is printed, and a line at the end. The process's exit code is 1 if something was. */
export async function runSeeds(
  names: { readonly runs: string; readonly writes: string },
  { first, count, trace }: Seeds,
  run: Run<Counts>,
): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const startMs = performance.now();
  let [failed, writes, joins] = [0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    try {
      const outcome = await run(seed, trace ? print : undefined);
      writes += outcome.writes;
      joins += outcome.joins;
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      failed++;
      print(`seed ${seed}: ${error.message}`);
    }
  }
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  print(`${count} ${names.runs} in ${seconds} s, ${failed} failed; ${writes} ${names.writes} written, ${joins} joins`);
  if (failed > 0) process.exitCode = 1;
}
