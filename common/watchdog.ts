/** Tells the service manager that the daemon is alive, and only while it is. */
import type { LivenessCheck } from './liveness.ts';
import type { Logger } from './log.ts';
import type { ServiceManager } from './service-manager.ts';

/** After a failed check: the time-out is close, and a daemon that has recovered should not be killed. */
const RETRY_MS = 1_000;

export class Watchdog {
  readonly #manager: ServiceManager;
  readonly #liveness: LivenessCheck;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(manager: ServiceManager, liveness: LivenessCheck, log: Logger) {
    this.#manager = manager;
    this.#liveness = liveness;
    this.#log = log;
  }

  /** Does nothing when nobody waits for signs of life. */
  start(): void {
    const { watchdogMs } = this.#manager;
    if (watchdogMs !== undefined) void this.#beat(watchdogMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #beat(intervalMs: number): Promise<void> {
    const startMs = performance.now();
    const problems = await this.#liveness.problems();
    if (problems.length === 0) await this.#manager.notify('WATCHDOG=1');
    else this.#log.error({ problems }, 'not alive: the watchdog gets no sign of life');
    if (this.#isStopped) return;
    const tookMs = performance.now() - startMs;
    const waitMs = problems.length === 0 ? Math.max(0, intervalMs - tookMs) : Math.min(RETRY_MS, intervalMs);
    this.#timer = setTimeout(() => void this.#beat(intervalMs), waitMs);
  }
}
