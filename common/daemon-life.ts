/** A daemon's process from start to end: signals, probes, and what the service manager is told. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DaemonConfig } from './config-fields.ts';
import type { Daemon } from './daemon.ts';
import { LivenessCheck } from './liveness.ts';
import type { Logger } from './log.ts';
import { OperatorServer } from './operator-server.ts';
import { Reload } from './reload.ts';
import { findServiceManager, type ServiceManager } from './service-manager.ts';
import { Watchdog } from './watchdog.ts';

/** More than a worker thread that is busy needs for an answer. */
const LIVENESS_MS = 5_000;
const STATUS_INTERVAL_MS = 1_000;
/** For the stop itself, after the drain. What hangs longer ends with the process. */
const STOP_MS = 10_000;

type Phase = 'starting' | 'running' | 'draining' | 'stopping';

export interface DaemonLifeOptions<Config extends DaemonConfig> {
  readonly daemon: Daemon<Config>;
  readonly config: Config;
  /** Reads the configuration file again. @throws ZonecastError */
  readonly load: () => Config;
  readonly log: Logger;
}

export class DaemonLife<Config extends DaemonConfig> {
  readonly #daemon: Daemon<Config>;
  readonly #log: Logger;
  readonly #drainMs: number;
  readonly #manager: ServiceManager;
  readonly #watchdog: Watchdog;
  readonly #operators: OperatorServer | undefined;
  readonly #reload: Reload<Config>;
  /** Of SIGTERM and SIGINT: each resolves with its signal. */
  readonly #signals: readonly [Promise<NodeJS.Signals>, Promise<NodeJS.Signals>];
  #phase: Phase = 'starting';
  #status = '';
  /** When systemd knows that we are stopping. */
  #told: Promise<void> | undefined;

  constructor({ daemon, config, load, log }: DaemonLifeOptions<Config>) {
    this.#daemon = daemon;
    this.#log = log;
    this.#drainMs = config.stop.drainSeconds * 1_000;
    this.#manager = findServiceManager(process.env, process.pid, log);
    const liveness = new LivenessCheck(async () => (await daemon.livenessProblems?.()) ?? [], LIVENESS_MS);
    this.#watchdog = new Watchdog(this.#manager, liveness, log);
    this.#operators =
      config.admin &&
      new OperatorServer({
        listen: config.admin.listen,
        livenessProblems: () => liveness.problems(),
        readinessProblems: () => this.#problems(),
        metrics: daemon.metrics?.bind(daemon),
      });
    const reconfigure = daemon.reconfigure?.bind(daemon);
    this.#reload = new Reload({ config, load, files: daemon.files, reconfigure, log });
    this.#signals = countSignals();
  }

  /** Resolves when a signal has ended the daemon; rejects when it could not start. */
  async run(): Promise<void> {
    const [first, second] = this.#signals;
    const reload = (): void => this.#handleReload();
    process.on('SIGHUP', reload);
    const status = setInterval(() => this.#tellStatus(), STATUS_INTERVAL_MS);
    try {
      const port = await this.#operators?.start();
      if (port !== undefined) this.#log.info({ port }, 'operators are served');
      await this.#daemon.start();
      this.#phase = 'running';
      void this.#manager.notify('READY=1');
      this.#tellStatus();
      this.#watchdog.start();
      const signal = await first;
      this.#log.info({ signal }, 'stopping');
      await this.#drain(second);
    } finally {
      this.#phase = 'stopping';
      endAfter(STOP_MS, this.#log);
      await this.#daemon.stop();
      await this.#operators?.stop();
      this.#watchdog.stop();
      clearInterval(status);
      process.off('SIGHUP', reload);
      await this.#told;
      this.#manager.close();
    }
  }

  async #drain(cut: Promise<NodeJS.Signals>): Promise<void> {
    this.#phase = 'draining';
    this.#told = this.#manager.notify('STOPPING=1', this.#nextStatus());
    if (this.#daemon.drain === undefined || this.#drainMs === 0) return;
    const late = new AbortController();
    const overdue = delay(this.#drainMs, 'at its deadline', { signal: late.signal }).catch(() => 'done');
    const ended = await Promise.race([
      this.#daemon.drain(this.#drainMs).then(
        () => 'done',
        (error: unknown) => {
          this.#log.error({ err: error }, 'the drain failed');
          return 'failed';
        },
      ),
      overdue,
      cut.then(() => 'by a second signal'),
    ]);
    late.abort();
    this.#log.info({ ended }, 'drain ended');
  }

  #handleReload(): void {
    // Later than the start, systemd would take READY=1 for the end of it.
    if (this.#phase !== 'running') return void this.#log.warn(`SIGHUP is ignored while ${this.#phase}`);
    // CLOCK_MONOTONIC, as systemd wants it (sd_notify(3)).
    const startedUs = process.hrtime.bigint() / 1_000n;
    void this.#manager.notify('RELOADING=1', `MONOTONIC_USEC=${startedUs}`);
    this.#reload.run();
    void this.#manager.notify('READY=1', this.#nextStatus());
  }

  #problems(): readonly string[] {
    return this.#phase === 'running' ? this.#daemon.readinessProblems() : [this.#phase];
  }

  #tellStatus(): void {
    const before = this.#status;
    const status = this.#nextStatus();
    if (status !== before) void this.#manager.notify(status);
  }

  #nextStatus(): string {
    const problems = this.#problems();
    this.#status = `STATUS=${problems.length === 0 ? 'ready' : `not ready: ${problems.join('; ')}`}`;
    return this.#status;
  }
}

/** The first and the second SIGTERM or SIGINT; the third ends the process. */
function countSignals(): [Promise<NodeJS.Signals>, Promise<NodeJS.Signals>] {
  const resolvers = [Promise.withResolvers<NodeJS.Signals>(), Promise.withResolvers<NodeJS.Signals>()] as const;
  const waiting = [...resolvers];
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const next = waiting.shift();
      if (next === undefined) process.exit(1);
      next.resolve(signal);
    });
  }
  return [resolvers[0].promise, resolvers[1].promise];
}

/** Ends the process if it is still there then. */
function endAfter(ms: number, log: Logger): void {
  setTimeout(() => {
    log.error(`not stopped within ${ms} ms; ending the process`);
    process.exit(1);
  }, ms).unref();
}
