/** A real zone as an operator starts it: `zonectl up` in its own process, on free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Host, LOOPBACK } from '../processes/host.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STARTED = /^Zonecast is up: (\S+)$/;
const START_LIMIT_MS = 60_000;

export interface ZoneProcess {
  /** The link that it printed: of a meeting that is ready. */
  readonly link: string;
  readonly origin: string;
  /** Ends it as Ctrl-C does. Returns the exit code. */
  stop(): Promise<number | null>;
}

export function startZone(...options: string[]): Promise<ZoneProcess> {
  return startZoneAt(LOOPBACK, ...options);
}

export async function startZoneAt({ run }: Host, ...options: string[]): Promise<ZoneProcess> {
  const [program = '', ...args] = run([process.execPath, 'zonectl/main.ts', 'up', '--free-ports', ...options]);
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  // A test that is ended in the middle leaves nothing behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const link = await started(child);
  return { link, origin: new URL(link).origin, stop: () => stop(child) };
}

function started(child: ChildProcess): Promise<string> {
  const heard: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`zonectl up ${what}\n${heard.join('\n')}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`was not up after ${START_LIMIT_MS} ms`);
    }, START_LIMIT_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        heard.push(line);
        const link = STARTED.exec(line)?.[1];
        if (link === undefined) return;
        clearTimeout(timer);
        resolve(link);
      });
    }
  });
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
  return child.exitCode;
}
