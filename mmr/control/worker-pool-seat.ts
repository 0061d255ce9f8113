/**
 * One place in the worker pool: a UDP port, and the thread that serves it. When the thread dies another one takes its
 * place on the same port, at once the first time, later and later while it keeps dying young.
 */
import type { MeetingId } from '../../common/ids.ts';
import type { ProbeCredential } from '../media/transport/probe-responder.ts';
import type { WorkerLoad, WorkerOptions } from '../worker/messages.ts';
import { WorkerPoolError } from './worker-pool-error.ts';
import { type WorkerNotice, WorkerThread } from './worker-pool-thread.ts';

/** A worker reports its load every second; one that missed this many is stuck and is replaced. */
const STUCK_SECONDS = 15;
const FIRST_RESTART_DELAY_MS = 100;
const MAX_RESTART_DELAY_MS = 5_000;
const HEALTHY_AFTER_MS = 10_000;

export interface SeatListener {
  notice(seat: WorkerSeat, notice: WorkerNotice): void;
  /** A thread that had been up is gone; the next one is on its way. */
  died(seat: WorkerSeat, reason: string): void;
}

export interface SeatOptions {
  readonly entry: URL;
  readonly worker: WorkerOptions;
  readonly requestDeadlineMs: number | undefined;
}

export class WorkerSeat {
  /** 0 before the first start when any port will do. */
  port: number;
  /** The thread's last load report. */
  load: WorkerLoad | undefined;
  /** The pool's own count, at decision time. */
  participants = 0;
  /** Of those, whom the worker has let in. */
  entered = 0;
  readonly meetings = new Set<MeetingId>();
  /** What every thread on this place answers probes by. */
  #probes: readonly ProbeCredential[] = [];
  readonly #options: SeatOptions;
  readonly #listener: SeatListener;
  #thread: WorkerThread | undefined;
  #readyAtMs = 0;
  #restartDelayMs = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #silentSeconds = 0;
  #stopped = false;
  /** Those who wait for a thread. */
  readonly #waiting = new Set<() => void>();

  constructor(options: SeatOptions, listener: SeatListener) {
    this.#options = options;
    this.#listener = listener;
    this.port = options.worker.port;
  }

  get index(): number {
    return this.#options.worker.index;
  }

  get ready(): boolean {
    return this.#thread?.ready === true;
  }

  /** Throws WorkerPoolError `noWorker` before the first start; a thread that is down rejects requests itself. */
  get thread(): WorkerThread {
    if (this.#thread === undefined) throw new WorkerPoolError('noWorker', 'the media worker is not running');
    return this.#thread;
  }

  /** Rejects with WorkerPoolError `portTaken` or `startFailed`. */
  async start(): Promise<void> {
    const { entry, worker, requestDeadlineMs } = this.#options;
    const listener = {
      notice: (notice: WorkerNotice) => this.#handleNotice(notice),
      died: (reason: string) => this.#handleDeath(reason),
    };
    this.#thread = new WorkerThread(entry, { ...worker, port: this.port }, listener, requestDeadlineMs);
    this.port = await this.#thread.started();
    this.#readyAtMs = performance.now();
    this.#silentSeconds = 0;
    this.setProbes(this.#probes);
    this.#wake();
  }

  /** For this thread and those that follow it. */
  setProbes(credentials: readonly ProbeCredential[]): void {
    this.#probes = credentials;
    if (this.ready) this.thread.send({ type: 'probes', credentials });
  }

  /** Resolves when a thread is up, or will not be: after `withinMs`, or when the pool stops. */
  async whenReady(withinMs: number): Promise<void> {
    if (this.ready || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#waiting.add(done);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restartTimer);
    this.#wake();
    await this.#thread?.stop();
  }

  /** To be called every second. */
  watch(): void {
    if (this.ready && ++this.#silentSeconds > STUCK_SECONDS) {
      this.#silentSeconds = 0;
      this.thread.kill(`no sign of life for ${STUCK_SECONDS} s`);
    }
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }

  #handleNotice(notice: WorkerNotice): void {
    if (notice.type === 'load') {
      this.load = notice.load;
      this.#silentSeconds = 0;
    }
    this.#listener.notice(this, notice);
  }

  #handleDeath(reason: string): void {
    this.load = undefined;
    this.#listener.died(this, reason);
    this.#restart();
  }

  #restart(): void {
    if (this.#stopped) return;
    const diedYoung = performance.now() - this.#readyAtMs < HEALTHY_AFTER_MS;
    const delayMs = diedYoung ? this.#restartDelayMs : 0;
    this.#restartDelayMs = Math.min(Math.max(delayMs * 2, FIRST_RESTART_DELAY_MS), MAX_RESTART_DELAY_MS);
    this.#restartTimer = setTimeout(() => {
      // A start that fails (its port may still be held) is tried again, later each time.
      this.start().catch(() => this.#restart());
    }, delayMs);
  }
}
