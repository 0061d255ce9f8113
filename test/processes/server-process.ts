/** A server of a test in a process of its own: it can be killed, started again on its data, frozen and thawed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';

const START_LIMIT_MS = 30_000;
const KEPT_LINES = 200;

const running = new Set<ChildProcess>();
// A test that is ended in the middle leaves nothing behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
// By default these end a process without a word.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

export interface ServerProcessOptions {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly directory?: string;
  /** Whether this line of its standard error says that it serves. */
  readonly isServing: (line: string) => boolean;
  readonly onLine?: (line: string) => void;
}

export class ServerProcess {
  readonly #options: ServerProcessOptions;
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines that it wrote to its standard error. */
  get log(): string {
    return this.#lines.join('\n');
  }

  /** Resolves with the line that says that it serves. */
  async start(): Promise<string> {
    const { name, command, directory, isServing, onLine } = this.#options;
    const [program = '', ...args] = command;
    const child = spawn(program, args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    running.add(child);
    const serving = Promise.withResolvers<string>();
    const timer = setTimeout(() => serving.reject(new Error(`${name} does not start:\n${this.log}`)), START_LIMIT_MS);
    child.once('error', (error) => serving.reject(error));
    child.once('exit', (code, signal) => {
      running.delete(child);
      serving.reject(new Error(`${name} ended (${code ?? signal}):\n${this.log}`));
    });
    createInterface(child.stderr).on('line', (line) => {
      this.#lines.push(line);
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      onLine?.(line);
      if (isServing(line)) serving.resolve(line);
    });
    try {
      return await serving.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** As a power cut would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** As `systemctl stop` does. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Resolves when none of its threads runs any more. */
  async freeze(): Promise<void> {
    if (!this.isRunning) return;
    this.#child?.kill('SIGSTOP');
    const tasks = `/proc/${this.#child?.pid}/task`;
    const isStopped = (task: string): boolean => / T [^)]*$/.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
    while (!readdirSync(tasks).every(isStopped)) await setImmediate();
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Its own signals, e.g. SIGUSR1 for Node's inspector. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
