/** Commands of one participant, one after another. */
import { ZonecastError } from '../../common/errors.ts';

/** Waiting for an answer. The message rate of a connection keeps honest clients far below. */
const MAX_PENDING = 64;

export class CommandQueue {
  #isOver = false;
  /** How often it was emptied. */
  #drops = 0;
  #pending = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs it after those before. undefined: the queue was emptied before its turn came, or before it was answered. */
  async run<Result>(command: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#pending >= MAX_PENDING) {
      throw new ZonecastError('rateLimited', 'Too many changes at once.', { retryAfterMs: 1_000 });
    }
    this.#pending++;
    const drops = this.#drops;
    const run = this.#tail.then(() => {
      if (this.#isOver) throw new ZonecastError('notJoined', 'You are not in a meeting.');
      return drops === this.#drops ? command() : undefined;
    });
    this.#tail = run.catch(() => undefined);
    try {
      return await run;
    } catch (error) {
      // What became of it then is of no interest.
      if (drops !== this.#drops) return undefined;
      throw error;
    } finally {
      this.#pending--;
    }
  }

  /** What still waits is not done. */
  drop(): void {
    this.#drops++;
    this.#tail = Promise.resolve();
  }

  /** Neither is what comes. */
  end(): void {
    this.#isOver = true;
  }
}
