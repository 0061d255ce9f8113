/** Runs of the same work, one after another: what is asked for while one goes on is one more after it. */
export class Runs {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #isAgain = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when everything that was asked for until now is done. */
  run(): Promise<void> {
    if (this.#running !== undefined) this.#isAgain = true;
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #all(): Promise<void> {
    do {
      this.#isAgain = false;
      await this.#work();
    } while (this.#isAgain);
  }
}
