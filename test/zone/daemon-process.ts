/** One daemon in a process of its own, as systemd would start it; it can be killed, frozen, and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_LIMIT_MS = 30_000;
const KEPT_LINES = 200;
/** What Node prints when its inspector is there. */
const INSPECTOR = /^Debugger listening on (ws:\S+)$/;

/** A line of the daemon's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

export class DaemonProcess {
  readonly name: string;
  readonly #program: string;
  readonly #config: string;
  readonly #started: string;
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;
  #inspector = Promise.withResolvers<string>();

  /** @param started The message of the log line that says that it serves. */
  constructor(name: string, program: string, config: string, started: string) {
    this.name = name;
    this.#program = program;
    this.#config = config;
    this.#started = started;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines of its log. */
  get log(): string {
    return this.#lines.join('\n');
  }

  /** Resolves with the log line that says that it serves. */
  async start(): Promise<LogLine> {
    this.#inspector = Promise.withResolvers();
    // A port of the inspector's own choice, for when it is asked for.
    const child = spawn(process.execPath, ['--inspect-port=127.0.0.1:0', this.#program, '--config', this.#config], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    // A test that is ended in the middle leaves nothing behind.
    const killer = (): void => void child.kill('SIGKILL');
    process.once('exit', killer);
    const serving = Promise.withResolvers<LogLine>();
    const timer = setTimeout(
      () => serving.reject(new Error(`${this.name} does not start:\n${this.log}`)),
      START_LIMIT_MS,
    );
    child.once('exit', (code, signal) => {
      process.removeListener('exit', killer);
      serving.reject(new Error(`${this.name} ended (${code ?? signal}):\n${this.log}`));
    });
    createInterface(child.stderr).on('line', (line) => {
      this.#lines.push(line);
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      const inspector = INSPECTOR.exec(line)?.[1];
      if (inspector !== undefined) this.#inspector.resolve(inspector);
      const parsed = parseLine(line);
      if (parsed?.msg === this.#started) serving.resolve(parsed);
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

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Address of Node's inspector in it, which is opened now. */
  inspector(): Promise<string> {
    if (!this.isRunning) throw new Error(`${this.name} does not run`);
    this.#child?.kill('SIGUSR1');
    return this.#inspector.promise;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

function parseLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  // Pino writes one JSON object a line.
  return JSON.parse(line) as LogLine;
}
