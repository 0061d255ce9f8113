/** One nats-server of a test, as a process that can be killed, started again on its data, stopped and continued. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';

export class NatsProcess {
  readonly name: string;
  /** host:port for clients */
  readonly endpoint: string;
  readonly #configFile: string;
  #child: ChildProcess | undefined;

  constructor(name: string, endpoint: string, configFile: string) {
    this.name = name;
    this.endpoint = endpoint;
    this.#configFile = configFile;
  }

  /** Resolves when it takes clients. */
  async start(): Promise<void> {
    const child = spawn('/usr/sbin/nats-server', ['-c', this.#configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    // A test that is ended in the middle leaves nothing behind.
    const killer = (): void => void child.kill('SIGKILL');
    process.once('exit', killer);
    child.once('exit', () => process.removeListener('exit', killer));
    const lines: string[] = [];
    const ready = Promise.withResolvers<void>();
    child.on('exit', (code) => ready.reject(new Error(`nats-server ended (${code}):\n${lines.slice(-5).join('\n')}`)));
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line);
      if (lines.length > 50) lines.shift();
      if (line.includes('Server is ready')) ready.resolve();
    });
    await ready.promise;
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Resolves when none of it runs any more. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGSTOP');
    const tasks = `/proc/${this.#child?.pid}/task`;
    const isStopped = (task: string): boolean => / T [^)]*$/.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
    while (!readdirSync(tasks).every(isStopped)) await setImmediate();
  }

  continue(): void {
    this.#child?.kill('SIGCONT');
  }
}
