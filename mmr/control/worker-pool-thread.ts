/**
 * One media worker thread as the main thread sees it: start, requests with deadlines, death. It knows nothing of
 * meetings; `WorkerPool` does.
 */
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerOptions } from '../worker/messages.ts';
import { WorkerPoolError, type WorkerPoolErrorCode } from './worker-pool-error.ts';

/** A request to a worker is plain computation there; a worker that needs longer is stuck. */
const DEFAULT_REQUEST_DEADLINE_MS = 5_000;
const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 2_000;

export type WorkerRequest = Extract<ToWorker, { readonly request: number }>;
/** A request before it has its number. */
export type UnnumberedRequest = WorkerRequest extends infer R
  ? R extends unknown
    ? Omit<R, 'request'>
    : never
  : never;
export type WorkerCommand = Exclude<ToWorker, { readonly request: number }>;
export type WorkerAnswer = Extract<FromWorker, { readonly request: number }>;
export type WorkerNotice = Exclude<FromWorker, { readonly request: number } | { readonly type: 'ready' | 'failed' }>;

interface Pending {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: WorkerPoolError) => void;
  readonly timer: NodeJS.Timeout;
}

export interface WorkerThreadListener {
  notice(notice: WorkerNotice): void;
  /** Called once, when a thread that had been ready is gone without having been asked to stop. */
  died(reason: string): void;
}

export class WorkerThread {
  readonly #worker: Worker;
  readonly #listener: WorkerThreadListener;
  readonly #pending = new Map<number, Pending>();
  #nextRequest = 1;
  #state: 'starting' | 'ready' | 'stopping' | 'gone' = 'starting';
  #lastError = '';
  #started: { resolve: (port: number) => void; reject: (error: WorkerPoolError) => void } | undefined;
  readonly #exited: Promise<void>;
  readonly #port: number;
  readonly #requestDeadlineMs: number;

  constructor(
    entry: URL,
    options: WorkerOptions,
    listener: WorkerThreadListener,
    requestDeadlineMs = DEFAULT_REQUEST_DEADLINE_MS,
  ) {
    this.#requestDeadlineMs = requestDeadlineMs;
    this.#listener = listener;
    this.#port = options.port;
    this.#worker = new Worker(entry, { workerData: options, name: `media-${options.index}` });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error: unknown) => {
      this.#lastError = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#gone(this.#lastError || `exit code ${code}`);
        resolve();
      });
    });
  }

  get ready(): boolean {
    return this.#state === 'ready';
  }

  /** Resolves with the UDP port once the worker receives; rejects with `portTaken` or `startFailed`. Call once. */
  async started(): Promise<number> {
    const timer = setTimeout(() => {
      this.#failStart(new WorkerPoolError('startFailed', 'the media worker did not start in time'));
      void this.#worker.terminate();
    }, START_DEADLINE_MS);
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#started = { resolve, reject };
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects with the worker's own error, `workerLost` or `deadline`. */
  request(body: UnnumberedRequest): Promise<WorkerAnswer> {
    if (this.#state !== 'ready') {
      return Promise.reject(new WorkerPoolError('noWorker', 'the media worker is not running'));
    }
    const request = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(request);
        reject(new WorkerPoolError('deadline', `the media worker did not answer '${body.type}' in time`));
      }, this.#requestDeadlineMs);
      this.#pending.set(request, { resolve, reject, timer });
      this.#worker.postMessage({ ...body, request } satisfies WorkerRequest);
    });
  }

  /** Fire and forget; nothing happens when the worker is not running. */
  send(command: WorkerCommand): void {
    if (this.#state === 'ready') {
      this.#worker.postMessage(command);
    }
  }

  /** Asks the worker to end, then ends it. Never reported as a death. */
  async stop(): Promise<void> {
    const wasReady = this.#state === 'ready';
    if (this.#state !== 'gone') {
      this.#state = 'stopping';
    }
    if (wasReady) {
      this.#worker.postMessage({ type: 'stop' } satisfies ToWorker);
    }
    const timer = setTimeout(() => void this.#worker.terminate(), wasReady ? STOP_DEADLINE_MS : 0);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Ends a worker that is stuck or has to go at once; reported as a death. */
  kill(reason: string): void {
    this.#lastError = reason;
    void this.#worker.terminate();
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#state = this.#state === 'starting' ? 'ready' : this.#state;
        this.#started?.resolve(message.port);
        this.#started = undefined;
        return;
      case 'failed':
        this.#failStart(this.#startError(message));
        return;
      case 'reply':
      case 'statistics':
      case 'meters':
        this.#settle(message);
        return;
      default:
        this.#listener.notice(message);
    }
  }

  #settle(answer: WorkerAnswer): void {
    const pending = this.#pending.get(answer.request);
    if (pending === undefined) {
      return; // Its deadline has passed.
    }
    this.#pending.delete(answer.request);
    clearTimeout(pending.timer);
    if (answer.type === 'reply' && answer.error !== undefined) {
      // The worker answers with codes of WorkerPoolErrorCode only (mmr/worker/worker.ts).
      pending.reject(new WorkerPoolError(answer.error.code as WorkerPoolErrorCode, answer.error.message));
    } else {
      pending.resolve(answer);
    }
  }

  #startError({ code, message, protocol }: Extract<FromWorker, { readonly type: 'failed' }>): WorkerPoolError {
    if (code === 'EADDRINUSE') {
      return new WorkerPoolError(
        'portTaken',
        `${protocol} port ${this.#port} is in use by another program`,
        this.#port,
      );
    }
    return new WorkerPoolError('startFailed', `the media worker could not start: ${message}`);
  }

  #failStart(error: WorkerPoolError): void {
    this.#started?.reject(error);
    this.#started = undefined;
  }

  #gone(reason: string): void {
    const unexpected = this.#state === 'ready';
    this.#state = 'gone';
    this.#failStart(new WorkerPoolError('startFailed', `the media worker ended while starting: ${reason}`));
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(new WorkerPoolError('workerLost', `the media worker died: ${reason}`));
    }
    this.#pending.clear();
    if (unexpected) {
      this.#listener.died(reason);
    }
  }
}
