/** A daemon as operators start it, for tests: a process of its own with its file. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface DaemonEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class DaemonProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<DaemonEnd>;
  readonly #waiters = new Set<() => void>();
  #stdout = '';
  #stderr = '';

  /** `main`: path of the daemon's `main.ts`. */
  constructor(main: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.child = child;
    child.stdout.on('data', (bytes) => {
      this.#stdout += bytes;
    });
    child.stderr.on('data', (bytes) => {
      this.#stderr += bytes;
      for (const waiter of this.#waiters) waiter();
    });
    this.ended = new Promise((resolve) =>
      child.on('close', (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })),
    );
  }

  /** Resolves with the first line of the log that has this message. Rejects when the daemon ends without it. */
  async logged(message: string): Promise<Readonly<Record<string, unknown>>> {
    const found = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
      const look = (): void => {
        // The last line may be cut.
        const lines = this.#stderr.split('\n').slice(0, -1);
        const line = lines.find((each) => each.startsWith('{') && JSON.parse(each).msg === message);
        if (line === undefined) return;
        this.#waiters.delete(look);
        resolve(JSON.parse(line));
      };
      this.#waiters.add(look);
      look();
    });
    const ended = this.ended.then(({ stderr }) => {
      throw new Error(`ended without "${message}":\n${stderr}`);
    });
    return Promise.race([found, ended]);
  }
}
