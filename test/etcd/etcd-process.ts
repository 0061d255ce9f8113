/** One member of a test's etcd, as a process that can be killed, started again on its data, stopped and continued. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class EtcdProcess {
  /** host:port for clients */
  readonly endpoint: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  constructor(endpoint: string, args: readonly string[]) {
    this.endpoint = endpoint;
    this.#args = args;
  }

  /** Resolves when it serves clients: in a cluster, when most members are there. */
  async start(): Promise<void> {
    const child = spawn('/usr/bin/etcd', ['--logger=zap', ...this.#args], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    // A test that is ended in the middle leaves nothing behind.
    const killer = (): void => void child.kill('SIGKILL');
    process.once('exit', killer);
    child.once('exit', () => process.removeListener('exit', killer));
    const lines: string[] = [];
    const ready = Promise.withResolvers<void>();
    child.on('exit', (code) => ready.reject(new Error(`etcd ended (${code}):\n${lines.slice(-5).join('\n')}`)));
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line);
      if (lines.length > 50) lines.shift();
      if (line.includes('serving client traffic')) ready.resolve();
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

  stop(): void {
    this.#child?.kill('SIGSTOP');
  }

  continue(): void {
    this.#child?.kill('SIGCONT');
  }
}
