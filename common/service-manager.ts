/**
 * What systemd is told of a daemon (sd_notify(3)): ready, reloading, stopping, its status, and that it is alive.
 *
 * `NOTIFY_SOCKET` is a datagram socket of the Unix domain, which Node cannot send to; the packages on npm that can are
 * native code against V8's own interface, in a process that needs none otherwise. So the messages go through the
 * `systemd-notify` command, which comes with systemd. A shell that is started once, while the daemon is still small,
 * runs it: to fork a router with its packet stores for each message would hold it up (measured: 95 ms at 1 GiB on a busy
 * machine), and then every media thread for a while. A unit needs `NotifyAccess=all`, because the message comes from
 * another process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Logger } from './log.ts';

/** Of each line, the assignments between tabs; answers each with the exit code. Ends with its standard input. */
const SHELL_LOOP = `
tab=$(printf '\\t')
while IFS=$tab read -r first second; do
  systemd-notify "$first" \${second:+"$second"} </dev/null
  echo $?
done
`;

export interface ServiceManager {
  /** Messages arrive in the order of the calls. Resolves when this one has arrived, or is lost and logged. */
  notify(first: string, second?: string): Promise<void>;
  /** How soon after one sign of life the next is due; undefined when nobody waits for any. */
  readonly watchdogMs: number | undefined;
  /** Nothing is sent after this. */
  close(): void;
}

/** The one that started this process; one that takes no notice when there is none. */
export function findServiceManager(env: NodeJS.ProcessEnv, pid: number, log: Logger): ServiceManager {
  if (!env.NOTIFY_SOCKET) return { notify: () => Promise.resolve(), watchdogMs: undefined, close: () => undefined };
  return new Systemd(env, pid, log);
}

class Systemd implements ServiceManager {
  readonly watchdogMs: number | undefined;
  readonly #log: Logger;
  readonly #shell: ChildProcess;
  /** Of the messages that were not answered yet, in order. */
  readonly #waiting: ((exitCode: string) => void)[] = [];
  #isOver = false;

  constructor(env: NodeJS.ProcessEnv, pid: number, log: Logger) {
    this.watchdogMs = readWatchdogMs(env, pid);
    this.#log = log;
    const shell = spawn('/bin/sh', ['-c', SHELL_LOOP], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#shell = shell;
    createInterface({ input: shell.stdout }).on('line', (exitCode) => this.#waiting.shift()?.(exitCode));
    const end = (reason: string): void => {
      this.#isOver = true;
      for (const answer of this.#waiting.splice(0)) answer(reason);
    };
    shell.on('error', (error) => end(error.message));
    shell.on('close', () => end('the shell has ended'));
    shell.stdin.on('error', (error) => end(error.message));
  }

  async notify(...states: readonly string[]): Promise<void> {
    const exitCode = await new Promise<string>((resolve) => {
      if (this.#isOver) return resolve('the shell has ended');
      this.#waiting.push(resolve);
      // What ends a line or an assignment there must not stand in one.
      const line = states.map((state) => state.replace(/\p{Cc}/gu, ' ')).join('\t');
      this.#shell.stdin?.write(`${line}\n`);
    });
    if (exitCode !== '0') this.#log.warn({ states, exitCode }, 'systemd could not be notified');
  }

  close(): void {
    this.#shell.stdin?.end();
  }
}

/** sd_watchdog_enabled(3): half of the time-out, when it is meant for this process. */
function readWatchdogMs(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const timeoutUs = Number(env.WATCHDOG_USEC);
  const isMeantForUs = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === '' || Number(env.WATCHDOG_PID) === pid;
  return timeoutUs > 0 && isMeantForUs ? timeoutUs / 2_000 : undefined;
}
