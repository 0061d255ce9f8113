/** A service manager for tests: receives what a daemon says with sd_notify. Node has no such sockets, Python has. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const RECEIVE = `
import json, select, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('[]', flush=True)
# Until whoever started this is gone.
while sys.stdin not in select.select([receiver, sys.stdin], [], [])[0]:
    # Descriptors that come along (BARRIER=1) are closed, which is what the sender waits for.
    print(json.dumps(receiver.recv(4096).decode().split('\\n')), flush=True)
`;

export class NotifySocket {
  /** For `NOTIFY_SOCKET`. */
  readonly path: string;
  /** Every assignment so far, in order of arrival: `READY=1`. */
  readonly states: string[] = [];
  readonly #directory: string;
  readonly #receiver: ChildProcess;
  readonly #waiters = new Set<() => void>();

  private constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, 'notify');
    const receiver = spawn('/usr/bin/python3', ['-c', RECEIVE, this.path], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#receiver = receiver;
    createInterface({ input: receiver.stdout }).on('line', (line) => {
      this.states.push(...JSON.parse(line).filter((state: string) => state !== 'BARRIER=1'));
      for (const waiter of this.#waiters) waiter();
    });
  }

  /** Resolves when it receives. */
  static async open(): Promise<NotifySocket> {
    const socket = new NotifySocket(mkdtempSync(join(tmpdir(), 'zonecast-notify-')));
    await once(socket.#receiver.stdout ?? socket.#receiver, 'data');
    return socket;
  }

  /** Resolves when the states are as `isMet` wants them. */
  async until(isMet: (states: readonly string[]) => boolean): Promise<void> {
    if (isMet(this.states)) return;
    await new Promise<void>((resolve) => {
      const waiter = (): void => {
        if (!isMet(this.states)) return;
        this.#waiters.delete(waiter);
        resolve();
      };
      this.#waiters.add(waiter);
    });
  }

  async close(): Promise<void> {
    const ended = once(this.#receiver, 'close');
    this.#receiver.stdin?.end();
    await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
