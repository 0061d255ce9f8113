/** Whether a daemon does its work, asked by probes and by the watchdog: bounded in time, one question at a time. */

export class LivenessCheck {
  readonly #ask: () => Promise<readonly string[]>;
  readonly #deadlineMs: number;
  #running: Promise<readonly string[]> | undefined;

  /** `ask` gives what is wrong, nothing when all is well; to reject or to be silent for the deadline is wrong too. */
  constructor(ask: () => Promise<readonly string[]>, deadlineMs: number) {
    this.#ask = ask;
    this.#deadlineMs = deadlineMs;
  }

  /** What is wrong; those who ask while a question is open share its answer. Never rejects. */
  problems(): Promise<readonly string[]> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<readonly string[]> {
    let timer: NodeJS.Timeout | undefined;
    const silent = new Promise<readonly string[]>((resolve) => {
      timer = setTimeout(() => resolve([`no answer within ${this.#deadlineMs} ms`]), this.#deadlineMs);
    });
    try {
      return await Promise.race([this.#ask(), silent]);
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    } finally {
      clearTimeout(timer);
    }
  }
}
