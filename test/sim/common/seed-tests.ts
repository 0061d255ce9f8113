/** What tests do with the seeds of a simulation. */
import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Counts, Run } from './seeds.ts';
import { Violation } from './violation.ts';

export class SeedTests<Outcome extends Counts> {
  readonly #main: string;
  readonly #run: Run<Outcome>;

  /** `folder`: that of the simulation's main.ts. */
  constructor(folder: string, run: Run<Outcome>) {
    this.#main = join(folder, 'main.ts');
    this.#run = run;
  }

  /** Throws what says how to see a violation again. */
  async outcomes(seeds: number): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      outcomes.push(await this.#outcome(seed));
      // Long microtasks only: the test runner wants to hear from this process.
      await breathe();
    }
    return outcomes;
  }

  /** Everything that happens in a run. */
  async trace(seed: number): Promise<string> {
    const lines: string[] = [];
    await this.#outcome(seed, (line) => lines.push(line));
    return lines.join('\n');
  }

  /** The simulation as a command. */
  command(...args: string[]) {
    return spawnSync(process.execPath, [this.#main, ...args], { encoding: 'utf8' });
  }

  async #outcome(seed: number, print?: (line: string) => void): Promise<Outcome> {
    try {
      return await this.#run(seed, print);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      throw new Error(`node ${relative(process.cwd(), this.#main)} --seed ${seed} --trace\n${error.message}`);
    }
  }
}

export function sum(outcomes: readonly Counts[], what: keyof Counts): number {
  return outcomes.reduce((all, outcome) => all + outcome[what], 0);
}
