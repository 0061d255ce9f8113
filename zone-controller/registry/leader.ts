/** This controller's part in the election: it campaigns, leads when it is elected, and campaigns again afterwards. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../common/log.ts';
import { campaign, type ElectionOptions, type Leadership } from './election.ts';

const RESIGN_MS = 500;

export class Leader {
  readonly #options: ElectionOptions;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #leadership: Leadership | undefined;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** Ask before each act as a leader. */
  get isLeader(): boolean {
    return this.#leadership?.isLeader ?? false;
  }

  start(): void {
    void this.#run();
  }

  /** Lets another lead, at once if the registry is there. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const resigned = this.#leadership?.resign().catch(() => undefined);
    await Promise.race([resigned, pause(RESIGN_MS, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#leadership = await campaign(this.#options, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
        return undefined;
      });
      if (this.#leadership === undefined) return;
      const { term } = this.#leadership;
      this.#log.info({ term }, 'this controller leads the zone');
      await this.#leadership.lost;
      this.#log.info({ term }, 'this controller does not lead any more');
    }
  }
}
