/** A child program that speaks JSON lines on stdout and takes lines on stdin. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

interface Waiter {
  readonly accepts: (message: Record<string, unknown>) => boolean;
  readonly resolve: (message: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class LineProgram {
  readonly pid: number;
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiters = new Set<Waiter>();
  readonly #exited: Promise<void>;
  #onMessage: (message: Record<string, unknown>) => void = () => {};
  #gone: Error | undefined;

  constructor(command: readonly string[]) {
    const [program = '', ...args] = command;
    this.#name = args.find((arg) => arg.endsWith('load') || arg.endsWith('floor')) ?? program;
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.pid = this.#child.pid ?? 0;
    this.#child.stdin.on('error', () => {}); // The exit below says why.
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#receive(line));
    this.#exited = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#end(error));
      this.#child.once('close', (code) => {
        this.#end(new Error(`${this.#name} ended with exit code ${code}`));
        resolve();
      });
    });
  }

  onMessage(listener: (message: Record<string, unknown>) => void): void {
    this.#onMessage = listener;
  }

  send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The next message that `accepts` takes. Rejects after `timeoutMs` or when the program ends. */
  next(
    what: string,
    accepts: (message: Record<string, unknown>) => boolean,
    timeoutMs = 20_000,
  ): Promise<Record<string, unknown>> {
    if (this.#gone !== undefined) {
      return Promise.reject(this.#gone);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`${this.#name}: ${what} did not come within ${timeoutMs / 1000} s`));
      }, timeoutMs);
      const waiter: Waiter = { accepts, resolve, reject, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Closes its stdin, which ends it. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
  }

  #receive(line: string): void {
    const message = JSON.parse(line) as Record<string, unknown>; // Our own programs print nothing but objects.
    this.#onMessage(message);
    for (const waiter of this.#waiters) {
      if (waiter.accepts(message)) {
        this.#waiters.delete(waiter);
        clearTimeout(waiter.timer);
        waiter.resolve(message);
      }
    }
  }

  #end(error: Error): void {
    this.#gone ??= error;
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer);
      waiter.reject(this.#gone);
    }
    this.#waiters.clear();
  }
}
