/** What is told of a simulated run, and the first thing in it that must never be. */
import { pino } from 'pino';
import type { Logger } from '../../../common/log.ts';
import type { SimClock } from './sim-clock.ts';
import { Violation } from './violation.ts';

export type Print = (line: string) => void;

export class SimJournal {
  readonly #clock: SimClock;
  readonly #print: Print | undefined;
  #failure: Violation | undefined;

  /** `print`: undefined when nobody reads it. */
  constructor(clock: SimClock, print: Print | undefined) {
    this.#clock = clock;
    this.#print = print;
  }

  tell(line: string): void {
    this.#print?.(`${(this.#clock.nowMs / 1_000).toFixed(3).padStart(8)} ${line}`);
  }

  /** A violation ends the run at the next `throwFirst`: it must not look like an error of who is watched. */
  watch(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.tell(`VIOLATION ${error.message}`);
      this.#failure ??= error;
    }
  }

  throwFirst(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** What a daemon of that name logs. `words`: of an entry; what is undefined is left out. */
  logger(name: string, words: (entry: Record<string, unknown>) => unknown[]): Logger {
    if (this.#print === undefined) return pino({ level: 'silent' });
    const write = (line: string): void => {
      const known = words(JSON.parse(line)).filter((word) => word !== undefined);
      this.tell(`${name}: ${known.join(' ')}`);
    };
    return pino({ level: 'info' }, { write });
  }
}
